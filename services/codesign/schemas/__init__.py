"""The schemas of the doors of co-design."""
