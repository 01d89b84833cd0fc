"""The directory: who is who in the record, and for whom each entry is."""
