"""The rules of accounts, by story: organisations, people, links, sessions."""
