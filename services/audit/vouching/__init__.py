"""Vouching: proofs made from the rows of the log, in words and as files, and receipts of one's own acts."""
