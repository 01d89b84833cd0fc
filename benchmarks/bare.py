"""The floor of a command over HTTP: bare views that run the very same SQL statements as a comment, or two inserts.

`granian --interface wsgi benchmarks.bare:app`. The statements are recorded from one real comment when this is imported;
each request runs them again in the same transactions with new ids.
"""

import re
import uuid
from typing import Any

from flask import Flask, request
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from benchmarks.commenting import Asked, request_to
from benchmarks.recording import Recorded, recording
from services.kernel import config, db
from tests.component.codesign_house import house
from tests.people import browse

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _comment() -> tuple[Recorded, list[str]]:
    """Return the statements of one comment, and the ids that were made for it: another comment needs others."""
    place = house()
    client = browse("codesign")
    asked: Asked = request_to(place.employer, place.consultation)
    before = set(UUID.findall(repr(_send(client, asked))))  # the first one also warms caches
    asked = request_to(place.employer, place.consultation)
    with recording() as found:
        after = set(UUID.findall(repr(_send(client, asked))))
    return found, sorted((after | {asked.key}) - before - {place.consultation})


def _send(client: Any, asked: Asked) -> Any:
    answer = client.post(asked.path, data=asked.body, headers=asked.headers, content_type="application/json")
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def _renewed(params: Any, new: dict[str, str]) -> Any:
    if isinstance(params, dict):
        return {name: _renewed(value, new) for name, value in params.items()}
    return new.get(params, params) if isinstance(params, str) else params


statements, made = _comment()
db.close_all()
pool = ConnectionPool(
    config.database_url("codesign"),
    min_size=4,
    max_size=4,
    kwargs={"row_factory": dict_row, "options": "-c search_path=codesign,codesign_own"},
)
app = Flask(__name__)


@app.post("/same")
def same() -> tuple[str, int]:
    """Run the statements of a comment, in their transactions."""
    request.get_data()
    new = {old: str(uuid.uuid4()) for old in made}
    for transaction in statements:
        with pool.connection() as connection:
            for statement, params in transaction:
                connection.execute(statement, _renewed(params, new))
    return "", 201


@app.post("/two")
def two() -> tuple[str, int]:
    """Insert two rows in one transaction."""
    request.get_data()
    with pool.connection() as connection:
        for handler in ("one", "two"):
            statement = "INSERT INTO codesign_own.inbox (event_id, handler) VALUES (%s, %s)"
            connection.execute(statement, [uuid.uuid4(), handler])
    return "", 201
