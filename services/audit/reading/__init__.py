"""The audit service's own reading of designs and consultations: as they were at any entry, by code of its own.

It shares nothing with the services it reads, not even the rule of what an element is: where the two come to different
results, one of them is wrong, and the page says so.
"""
