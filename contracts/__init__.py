"""What services say to each other, as data: a JSON Schema per event type, examples, the envelope, who hears what."""
