"""The evidence bundle: what an auditor needs to check the record away from here, and a report that people can read."""
