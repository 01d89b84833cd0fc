"""The pages of the record: the timeline, one entry, the story of a design, its trace, receipts, and the log itself."""

from services.audit.pages import health, published, reading, receiving, tracing, travel, verifying, withholding
from services.audit.pages.blueprint import pages

__all__ = ["health", "pages", "published", "reading", "receiving", "tracing", "travel", "verifying", "withholding"]
