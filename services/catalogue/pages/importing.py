"""A draft out of a file: choose it, read what was taken and what not, open the draft."""

from base64 import b64decode, b64encode
from binascii import Error

from flask import render_template, request
from flask.typing import ResponseReturnValue

from services.catalogue import commands, elm
from services.catalogue.domain import policy
from services.catalogue.pages.blueprint import pages, reading, to_desk
from services.kernel.errors import Invalid
from services.kernel.http import idempotent, redisplay, require_actor, signed_in
from services.kernel.language import say


@pages.get("/import")
@signed_in(*policy.STAFF)
def choose_import() -> str:
    """The form that takes a file."""
    return render_template("catalogue/import.html")


@pages.post("/import")
@signed_in(*policy.STAFF)
@redisplay(choose_import)
def report_import() -> ResponseReturnValue:
    """What a file holds: nothing is kept of it yet."""
    sent = request.files.get("file")
    body = sent.read(elm.LIMIT + 1) if sent else b""
    if not body:
        raise Invalid(say("Choose a file first."), fields={"/file": [say("Choose a file first.")]})
    document, notes = elm.read(body)
    return render_template(
        "catalogue/import_report.html",
        notes=notes,
        file=b64encode(body).decode(),
        document=document,
        **reading(document),
    )


@pages.post("/import/open")
@signed_in(*policy.STAFF)
@redisplay(choose_import)
@idempotent
def open_import() -> ResponseReturnValue:
    """Open the draft: the file comes back as it was read, and is read once more."""
    try:
        body = b64decode(request.form.get("file", ""), validate=True)
    except (Error, ValueError) as problem:
        raise Invalid(say("Choose a file first."), fields={"/file": [say("Choose a file first.")]}) from problem
    event, _ = commands.import_elm(require_actor(), body)
    return to_desk(event.subject, "opened")
