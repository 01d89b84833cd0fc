"""Erasing: letting go of a person's words, or of one text, while the entries and their proofs stay."""
