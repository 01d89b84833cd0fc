"""What `countersign audit verify` looks at: entries, what is kept beside them, what was promised, the second copy."""
