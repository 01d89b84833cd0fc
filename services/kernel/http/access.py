"""Who may pass a door: said beside the view, asked before anything of the request is read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, request

from services.kernel.errors import Forbidden
from services.kernel.http.session import recognise, require_actor
from services.kernel.language import say

View = TypeVar("View", bound=Callable[..., Any])

ANYWHERE = "*"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a view: everybody, or those signed in with one of the roles (none named: with any).

    `scope` is the path argument that must equal the scope of a person who came by a magic link; None refuses them.
    """

    public: bool = False
    roles: tuple[str, ...] = ()
    scope: str | None = None


CLOSED = Access()  # what holds for a view that says nothing


def signed_in(*roles: str, scope: str | None = None) -> Callable[[View], View]:
    """Admit people who are signed in and hold one of the roles (any, where none is named)."""
    return _saying(Access(roles=roles, scope=scope))


def public(view: View) -> View:
    """Admit everybody."""
    return _saying(Access(public=True))(view)


def check_access() -> None:
    """Raise SignInNeeded or Forbidden where the one who asks may not call the view of this request."""
    access = of_request()
    if access.public:
        if request.blueprint is not None:
            recognise()
        return
    actor = require_actor(*access.roles)
    if actor.scope is None or access.scope == ANYWHERE:
        return
    if access.scope is None or (request.view_args or {}).get(access.scope) != actor.scope:
        raise Forbidden(
            say(
                "Your link is for one consultation only, and this page is not part of it. Open the link "
                "in your invitation again."
            )
        )


def of_request() -> Access:
    """Return what the view of this request says of who may call it."""
    view = current_app.view_functions[request.endpoint or ""]
    return of_view(view, request.method)


def of_view(view: Any, method: str = "GET") -> Access:
    """Return what a view, or a method of a class of views, says of who may call it."""
    methods = getattr(view, "view_class", None)
    handler = view if methods is None else getattr(methods, method.lower(), view)
    access: Access = getattr(handler, "access", CLOSED)
    return access


def _saying(access: Access) -> Callable[[View], View]:
    def say(view: View) -> View:
        view.access = access  # type: ignore[attr-defined]  # functions take attributes; Flask's views are functions
        return view

    return say
