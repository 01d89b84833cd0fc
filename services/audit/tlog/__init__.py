"""A transparency log as pure functions over bytes (RFC 6962); it knows nothing of Countersign and can be lifted out."""
