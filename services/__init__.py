"""Countersign: one folder per service, and the kernel they stand on."""

SERVICES = ("accounts", "catalogue", "codesign", "notifications", "audit")
