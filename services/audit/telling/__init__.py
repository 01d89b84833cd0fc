"""Telling: the record as a timeline, as the story of a design, and as the trace from a comment to what became of it."""
