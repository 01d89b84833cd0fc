"""Patches that break the code in known ways, each with the test that must go red: `make mutants`."""
