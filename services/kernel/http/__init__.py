"""The HTML and REST doors of every service: one Flask application, one look (README.md shows how to write them)."""

from services.kernel.http.access import ANYWHERE, public, signed_in
from services.kernel.http.answers import created, with_etag
from services.kernel.http.application import create_app
from services.kernel.http.blueprints import ApiBlueprint, PageBlueprint
from services.kernel.http.conditional import etag, if_match, require_if_match, unchanged
from services.kernel.http.csrf import hands_on, keep_words
from services.kernel.http.forms import read_form, read_query, redisplay
from services.kernel.http.idempotency import idempotent
from services.kernel.http.look import local_path, url
from services.kernel.http.paging import Page, PageQuery
from services.kernel.http.schemas import Created, Listing, Schema
from services.kernel.http.session import COOKIE, current_actor, require_actor

__all__ = [
    "ANYWHERE",
    "COOKIE",
    "ApiBlueprint",
    "Created",
    "Listing",
    "Page",
    "PageBlueprint",
    "PageQuery",
    "Schema",
    "create_app",
    "created",
    "current_actor",
    "etag",
    "hands_on",
    "idempotent",
    "if_match",
    "keep_words",
    "local_path",
    "public",
    "read_form",
    "read_query",
    "redisplay",
    "require_actor",
    "require_if_match",
    "signed_in",
    "unchanged",
    "url",
    "with_etag",
]
