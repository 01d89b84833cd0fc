"""Measurements beside the bare floor, in one run: ratios count, absolute figures move with the machine."""
