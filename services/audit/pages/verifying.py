"""How to check the record without asking us: the page that says how, and the one file that does it."""

from functools import cache

from flask import Response, render_template

from services.audit.pages.blueprint import pages
from services.audit.signing import cosigned, log_folder
from services.audit.tlog.notes import Note
from services.audit.verifier import build
from services.audit.vouching import handing_out
from services.kernel import config
from services.kernel.http import public


@pages.get("/verify")
@public
def verify() -> str:
    """What to keep, what to fetch, and what to run: for people who are no programmers."""
    note = log_folder.of_settings().checkpoint()
    published = handing_out.heads().published
    return render_template(
        "audit/verify.html",
        three=Note.parse(note).text.decode() if note else published and Note.parse(published.note).text.decode(),
        published=published,
        cosigned=cosigned.cosignatures(note) if note else (),
        policy=cosigned.policy(),
        verifier=build.NAME,
        digest=_digest(),
        here=f"{config.public_url()}/audit",
    )


@pages.get(f"/{build.NAME}")
@public
def verifier() -> Response:
    """The verifier, one file."""
    answer = Response(_built(), mimetype="text/x-python")
    answer.headers["Content-Disposition"] = f'attachment; filename="{build.NAME}"'
    return answer


@cache
def _built() -> bytes:
    return build.built()


@cache
def _digest() -> str:
    return build.digest()
