"""The pages of the catalogue: lists, the designer's desk, the forms of elements, history, published designs."""

from services.catalogue.pages import desk, editing, history, importing, lists, outcomes, published, skills, suggestions
from services.catalogue.pages.blueprint import pages

__all__ = [
    "desk",
    "editing",
    "history",
    "importing",
    "lists",
    "outcomes",
    "pages",
    "published",
    "skills",
    "suggestions",
]
