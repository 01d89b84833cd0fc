"""Skills by the beginnings of their words: a part of the editor's form, and a page of its own without script."""

from flask import render_template, request

from services.catalogue import skills
from services.catalogue.pages.blueprint import pages
from services.kernel.http import signed_in


@pages.get("/skills")
@signed_in()
def skill_search() -> str:
    """A page that finds skills, to take their addresses from."""
    return render_template("catalogue/skill_search.html", **_found())


@pages.get("/fragments/skills")
@signed_in()
def skill_fragment() -> str:
    """The skills that were found, each with a box to tick; read alone, the page."""
    alone = request.headers.get("HX-Request") != "true"
    return render_template("catalogue/skill_search.html" if alone else "catalogue/skill_results.html", **_found())


def _found() -> dict[str, object]:
    sought = request.args.get("q", "").strip()[:200]
    return {"sought": sought, "found": skills.find(sought) if len(sought) > 1 else [], "short": len(sought) == 1}
