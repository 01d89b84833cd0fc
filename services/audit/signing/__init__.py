"""Signing: what is committed is written aside, signed, co-signed by witnesses, and published, in this order."""
