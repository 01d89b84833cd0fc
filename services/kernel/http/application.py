"""The Flask application of any number of services: their doors, and everything that holds for every door."""

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

from services.kernel import config
from services.kernel.http import access, csrf, forms, headers, health, look, openapi, problems, reading, session, spans
from services.kernel.http.place import is_api


def create_app(services: Sequence[str]) -> Flask:
    """Make the application that serves these services; one that has no `api` or `pages` yet is served without."""
    app = Flask(__name__, static_folder=None)
    app.config.update(
        SERVICES=list(services), MAX_CONTENT_LENGTH=reading.MAX_BODY, MAX_FORM_MEMORY_SIZE=reading.MAX_BODY
    )
    # Who asks is the peer, or whom our proxies name; what a stranger writes there is not believed.
    if proxies := config.trusted_proxies():
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0)  # type: ignore[method-assign]  # Flask's own way
    app.url_map.converters["id"] = openapi.IdConverter
    # proxies, not a context processor: what macros import they must see too
    app.jinja_env.globals.update(
        csrf_field=csrf.csrf_field, form=LocalProxy(forms.current_form), actor=LocalProxy(session.known_actor)
    )
    look.dress(app)
    problems.handle_errors(app)
    health.show_health(app)
    app.add_url_rule("/", "home", home)
    app.before_request(headers.number_request)
    app.before_request(check)
    app.after_request(headers.add_headers)
    for service in services:
        _add_doors(app, service)
    spans.trace(app)
    return app


@access.public
def home() -> ResponseReturnValue:
    """The way in."""
    return redirect("/accounts/", 303)


def check() -> None:
    """Ask, before any view runs and before anything is read: from where, who, and of what kind."""
    if request.endpoint is None:
        return
    csrf.check_origin()
    access.check_access()
    if is_api():
        reading.check_media_type()
    csrf.check_token()


def _add_doors(app: Flask, service: str) -> None:
    if pages := _module(f"services.{service}.pages"):
        app.register_blueprint(pages.pages)
    if api := _module(f"services.{service}.api"):
        openapi.add_api(app, service, api.api)


def _module(name: str) -> Any:
    """Import a module where there is one; what goes wrong within it is not hidden."""
    package = importlib.util.find_spec(name.rpartition(".")[0])
    return importlib.import_module(name) if package and importlib.util.find_spec(name) else None
