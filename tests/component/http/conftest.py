"""Two browsers before the doors of the sample service: nobody's, and a designer's."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.component.http import sample
from tests.people import person, sign_in


@pytest.fixture(scope="package")
def app() -> Flask:
    return sample.app()


@pytest.fixture
def nobody(app: Flask, module_database: str) -> FlaskClient:  # noqa: ARG001  # the doors need their database
    return app.test_client()


@pytest.fixture
def designer(nobody: FlaskClient) -> FlaskClient:
    return sign_in(nobody.application.test_client(), person("designer"))
