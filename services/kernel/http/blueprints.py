"""The two blueprints a service exports: `api` for programs, `pages` for people."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeVar

import marshmallow as ma
from flask import Blueprint, Request
from flask_smorest import Blueprint as SmorestBlueprint
from webargs import core
from webargs.flaskparser import FlaskParser

from services.kernel.errors import Invalid
from services.kernel.http.place import API
from services.kernel.http.reading import read_json
from services.kernel.http.sentences import pointers
from services.kernel.language import say

View = TypeVar("View", bound=Callable[..., Any])


class StrictParser(FlaskParser):
    """Reads JSON as events are read, refuses unknown query parameters, and raises `Invalid` naming each field."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012  # as the parser declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
        "querystring": ma.RAISE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        return read_json(body) if body else core.missing

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,  # noqa: ARG002  # the parser's signature
        schema: ma.Schema,  # noqa: ARG002
        *,
        error_status_code: int | None,  # noqa: ARG002
        error_headers: Mapping[str, str] | None,  # noqa: ARG002
    ) -> NoReturn:
        raise Invalid(say("Some of this cannot be taken as it is."), fields=pointers(error.messages_dict))


class ApiBlueprint(SmorestBlueprint):  # type: ignore[misc]  # flask-smorest publishes no types
    """The REST doors of a service under `/<service>/api/v1`, described in its OpenAPI document."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, service: str, import_name: str, *, description: str = "") -> None:
        super().__init__(f"{service}-api", import_name, url_prefix=f"/{service}{API}", description=description)

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Open a door at a path; the docstring of the view describes it in the OpenAPI document."""
        decorate: Callable[[View], View] = super().route(rule, **options)
        return decorate

    def arguments(self, schema: type[ma.Schema], *, location: str = "json", **options: Any) -> Callable[[View], View]:
        """Read the body (or the `query`) through a schema and hand it to the view as its first argument."""
        decorate: Callable[[View], View] = super().arguments(schema, location=location, **options)
        return decorate

    def response(self, status: int, schema: type[ma.Schema] | None = None, **options: Any) -> Callable[[View], View]:
        """Answer with what the view returns, written through a schema."""
        decorate: Callable[[View], View] = super().response(status, schema, **options)
        return decorate


class PageBlueprint(Blueprint):
    """The pages of a service under `/<service>`: endpoints `<service>.<view>`, templates in `templates/<service>/`."""

    def __init__(self, service: str, import_name: str) -> None:
        super().__init__(service, import_name, url_prefix=f"/{service}", template_folder="templates")
