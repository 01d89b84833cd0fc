"""Where a request belongs: which service's door it knocks at, and whether a person or a program stands before it."""

from flask import current_app, request

API = "/api/v1"


def services() -> list[str]:
    """Return the services this application serves."""
    names: list[str] = current_app.config["SERVICES"]
    return names


def current_service() -> str:
    """Return the service of the request's path; the first one served where the path names none (an error page)."""
    first = request.path.split("/", 2)[1]
    return first if first in services() else services()[0]


def is_api() -> bool:
    """Say whether the request is for a REST door, by its path."""
    return request.path.startswith(f"/{request.path.split('/', 2)[1]}{API}")


def wants_json() -> bool:
    """Say whether the answer, an error above all, should be for a program."""
    if is_api():
        return True
    best = request.accept_mimetypes.best_match(
        ["text/html", "application/json", "application/problem+json"], "text/html"
    )
    return best != "text/html"
