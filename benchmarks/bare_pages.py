"""The floor of a page: a bare view that runs the very same SELECTs and renders their rows, and does nothing else.

`granian --interface wsgi benchmarks.bare_pages:app`, with PAGES in the environment: JSON, name -> [path, token]. The
statements are recorded from one real page each when this is imported.
"""

import json
import os

from flask import Flask, render_template_string
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from benchmarks.recording import Recorded, recording
from services.kernel import config, db
from services.kernel.http import COOKIE
from tests.people import browse

SERVICES = ("catalogue", "codesign")
TEMPLATE = """<!doctype html><title>Rows</title>{% for row in rows %}
<dl>{% for name, value in row.items() %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>{% endfor %}"""


def _statements(path: str, token: str) -> Recorded:
    client = browse(*SERVICES)
    client.set_cookie(COOKIE, token)
    client.get(path)  # the first one also warms caches
    with recording() as found:
        assert client.get(path).status_code == 200
    return found


recorded = {name: _statements(*asked) for name, asked in json.loads(os.environ["PAGES"]).items()}
db.close_all()
pools = {
    service: ConnectionPool(
        config.database_url(service),
        min_size=4,
        max_size=4,
        kwargs={"row_factory": dict_row, "options": f"-c search_path={service},{service}_own"},
    )
    for service in SERVICES
}
app = Flask(__name__)


@app.get("/<service>/<name>")
def page(service: str, name: str) -> str:
    """Select what the page selects, and render it."""
    rows = []
    for transaction in recorded[name]:
        with pools[service].connection() as connection:
            for statement, params in transaction:
                found = connection.execute(statement, params)
                rows += found.fetchall() if found.description else []
    return render_template_string(TEMPLATE, rows=rows)
