"""Audit: the verifiable log of everything said on the platform, and the pages it is read on."""
