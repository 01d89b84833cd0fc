"""The pages of co-design: the consultation itself, opening and inviting, comments and their answers, endorsements."""

from services.codesign.pages import answering, commenting, consultations, endorsing, fragments, opening
from services.codesign.pages.blueprint import pages

__all__ = ["answering", "commenting", "consultations", "endorsing", "fragments", "opening", "pages"]
