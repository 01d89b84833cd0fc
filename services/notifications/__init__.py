"""Notifications: who is told what, when and how: an inbox for each person, and mail."""
