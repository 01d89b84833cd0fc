"""The plumbing every service stands on; not a word of the domain."""
