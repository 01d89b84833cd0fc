"""The two blueprints a service exports: `api` for programs, `pages` for people."""

from collections.abc import Mapping
from typing import Any, NoReturn

import marshmallow as ma
from flask import Blueprint, Request
from flask_smorest import Blueprint as SmorestBlueprint
from webargs import core
from webargs.flaskparser import FlaskParser

from services.kernel.errors import Invalid
from services.kernel.http.place import API
from services.kernel.http.reading import read_json
from services.kernel.http.sentences import pointers


class StrictParser(FlaskParser):
    """Reads JSON as the events are read, refuses unknown query parameters, and raises `Invalid` naming each field."""

    DEFAULT_UNKNOWN_BY_LOCATION = {
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
        raise Invalid("Some of this cannot be taken as it is.", fields=pointers(error.normalized_messages()))


class ApiBlueprint(SmorestBlueprint):
    """The REST doors of a service under `/<service>/api/v1`, described in its OpenAPI document."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, service: str, import_name: str, *, description: str = "") -> None:
        super().__init__(f"{service}-api", import_name, url_prefix=f"/{service}{API}", description=description)


class PageBlueprint(Blueprint):
    """The pages of a service under `/<service>`; endpoints are `<service>.<view>`, templates lie in `templates/<service>/`."""

    def __init__(self, service: str, import_name: str) -> None:
        super().__init__(service, import_name, url_prefix=f"/{service}", template_folder="templates")
