"""Accounts: organisations, people, roles, sign-in and sessions; the only home of addresses."""
