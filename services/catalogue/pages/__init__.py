"""The pages of the catalogue: lists, the designer's desk, the forms of elements, history, published designs."""

from services.catalogue.pages import desk, editing, history, lists, outcomes, published, skills, suggestions
from services.catalogue.pages.blueprint import pages

__all__ = ["desk", "editing", "history", "lists", "outcomes", "pages", "published", "skills", "suggestions"]
