"""Designs to begin from: the documents a draft can be opened with, and those that the demonstration plays."""
