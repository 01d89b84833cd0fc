"""Opening a draft from a file, by the REST door and by the pages, on the real database."""

import re
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest

from services.kernel.http import create_app
from tests.component.catalogue_house import emitted, member, provider
from tests.people import browse, sign_in
from tests.unit.test_catalogue_elm import sample

pytestmark = pytest.mark.usefixtures("module_database")
IMPORTS = "/catalogue/api/v1/imports"


@pytest.fixture(scope="module")
def app() -> Any:
    return create_app(["catalogue"])


@pytest.fixture
def client(app: Any) -> Any:
    return sign_in(browse(app=app), member(provider(), "designer"))


def test_a_file_becomes_a_draft_that_names_its_source(client: Any) -> None:
    """The draft's origin is the import, with the hash of the file's bytes; the report comes with it."""
    body = sample(volumeOfLearning="PT60H")
    made = client.post(IMPORTS, data=body, content_type="application/ld+json")
    assert made.status_code == 201
    assert made.get_json()["report"]
    origin = {"kind": "import", "format": "elm", "source_hash": sha256(body).hexdigest()}
    assert emitted()[-1].data["origin"] == origin


def test_a_dry_run_opens_nothing(client: Any) -> None:
    """With dry_run the report comes alone."""
    before = len(emitted())
    told = client.post(f"{IMPORTS}?dry_run=true", data=sample(), content_type="application/ld+json")
    assert told.status_code == 200
    assert told.get_json()["draft"] is None
    assert len(emitted()) == before


def test_a_file_of_another_kind_is_refused(client: Any) -> None:
    """JSON that is not of the model is refused with 422."""
    assert client.post(IMPORTS, data=b"{}", content_type="application/json").status_code == 422


def test_the_report_is_read_before_the_draft_is_opened(client: Any) -> None:
    """The page shows what was left out, and its button opens the draft."""
    form = _hidden(client.get("/catalogue/import").text)
    page = client.post("/catalogue/import", data=form | {"file": (BytesIO(sample()), "welding.jsonld")})
    assert page.status_code == 200, page.text
    assert "/credentialSubject/givenName" in page.text
    opened = client.post("/catalogue/import/open", data=_hidden(page.text))
    assert opened.status_code == 303
    assert emitted()[-1].data["origin"]["kind"] == "import"


def _hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the page's form."""
    return dict(re.findall(r'type="hidden" name="([^"]+)"(?: id="[^"]*")? value="([^"]*)"', page))
