"""The OpenAPI document of each service, and a page that shows it to people."""

from typing import Any

import flask_smorest
from flask import Flask, Response, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask_smorest.spec.plugins import FlaskPlugin
from flask_smorest.utils import prepare_response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import UUIDConverter

from services.kernel.http import problems
from services.kernel.http.access import of_view, public
from services.kernel.http.blueprints import ApiBlueprint
from services.kernel.http.place import API
from services.kernel.http.schemas import Problem

VERSION = "3.1.0"
METHODS = {"get", "post", "put", "patch", "delete"}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Sent again under its key within a day, a request acts once and is answered as the first time.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}
RECEIPT = {
    "description": "Done before, by the same request; only its event is known any more.",
    "content": {"application/json": {"schema": {"type": "object", "required": ["event"]}}},
}
SECURITY = {
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-countersign"},
    "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}


class IdConverter(UUIDConverter):
    """`<id:name>` in a path: a UUID in lower case, as text."""

    regex = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def to_python(self, value: str) -> Any:
        return value

    def to_url(self, value: Any) -> str:
        return str(value)


class Api(flask_smorest.Api):  # type: ignore[misc]  # it publishes no types
    """flask-smorest's, with our errors."""

    ERROR_SCHEMA = Problem

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        return problems.http_error(error)

    def _register_responses(self) -> None:
        problem = {"description": "What is wrong and what to do next (RFC 9457).", "schema": Problem}
        prepare_response(problem, self.spec, "application/problem+json")
        for name in ("DEFAULT_ERROR", "UNPROCESSABLE_ENTITY", "UNPROCESSABLE_CONTENT"):
            self.spec.components.response(name, dict(problem), lazy=True)


def add_api(app: Flask, service: str, blueprint: ApiBlueprint) -> None:
    """Serve a service's REST doors, described at `<prefix>/openapi.json` for programs and `<prefix>/` for people."""
    prefix = service.upper()
    app.config[f"{prefix}_API_TITLE"] = f"Countersign: {service}"
    app.config[f"{prefix}_API_VERSION"] = "v1"
    app.config[f"{prefix}_OPENAPI_VERSION"] = VERSION
    api = Api(app, config_prefix=prefix, spec_kwargs={"info": {"description": blueprint.description}})
    api.register_converter(IdConverter, lambda _: {"type": "string", "format": "uuid"})
    for name, scheme in SECURITY.items():
        api.spec.components.security_scheme(name, scheme)
    api.register_blueprint(blueprint)

    described = api.spec.to_dict()
    _describe_rules(app, described)

    @public
    def document() -> Response:
        return jsonify(described)

    @public
    def doors() -> str:
        return render_template("api.html", service=service, spec=described)

    app.add_url_rule(f"/{service}{API}/openapi.json", f"{service}-openapi", document)
    app.add_url_rule(f"/{service}{API}/", f"{service}-api-page", doors)


def _describe_rules(app: Flask, document: dict[str, Any]) -> None:
    """Say of each door what holds without its author saying so: who may call it, and its Idempotency-Key."""
    for rule in app.url_map.iter_rules():
        operations = document["paths"].get(FlaskPlugin.flaskpath2openapi(rule.rule), {})
        view = app.view_functions[rule.endpoint]
        for method in METHODS & operations.keys() & {m.lower() for m in rule.methods or ()}:
            access = of_view(view, method)
            operations[method]["security"] = [] if access.public else [{name: []} for name in SECURITY]
            if getattr(view, "idempotent", False):
                operations[method].setdefault("parameters", []).append(IDEMPOTENCY_KEY)
                operations[method]["responses"].setdefault("200", RECEIPT)
