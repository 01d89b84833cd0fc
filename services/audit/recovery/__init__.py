"""The way back: a database brought up to what was signed, or another log that names where this one ended."""
