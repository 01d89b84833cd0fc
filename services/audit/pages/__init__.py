"""The pages of the record: the timeline, one entry, and the story of a design."""

from services.audit.pages import reading, travel
from services.audit.pages.blueprint import pages

__all__ = ["pages", "reading", "travel"]
