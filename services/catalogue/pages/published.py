"""Published designs, for everybody."""

from flask import render_template

from services.catalogue import commands
from services.catalogue.pages.blueprint import pages, reading
from services.kernel import ids
from services.kernel.errors import Invalid
from services.kernel.http import PageQuery, public, read_query
from services.kernel.language import say


@pages.get("/credentials")
@public
def credentials() -> str:
    """What was published, newest first."""
    page = read_query(PageQuery)
    if page.after is not None and not ids.is_id(str(page.after)):
        raise Invalid(say("This address is not complete. Begin at the first page."))
    rows = commands.credentials(page.after, page.limit + 1)
    return render_template("catalogue/credentials.html", credentials=page.of(rows, key="id"))


@pages.get("/credentials/<id:credential_id>")
@public
def credential(credential_id: str) -> str:
    """A published credential."""
    found = commands.credential(credential_id)
    return render_template("catalogue/credential.html", credential=found, **reading(found["document"]))
