"""A whole round of co-design, played over HTTP as its people would: for the demonstration and for tests of faults."""
