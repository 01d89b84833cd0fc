"""Whole rounds of co-design as data: who takes part, and what they say. `countersign demo` plays one."""
