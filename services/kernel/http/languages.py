"""In which language a reader is answered, and how templates speak it."""

from collections.abc import Callable, Mapping
from typing import Any

from babel.core import negotiate_locale
from flask import Flask, Response, g, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from jinja2 import Environment, pass_environment, pass_eval_context
from jinja2.filters import do_join, do_lower, do_truncate
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.exceptions import NotFound

from services.kernel import config
from services.kernel.http.access import public
from services.kernel.http.place import wants_json
from services.kernel.language import Sentence, translated
from services.kernel.translations import ENGLISH, NAMES, Language, language

COOKIE = "countersign-language"
YEAR = 365 * 24 * 3600  # seconds


def speak(app: Flask) -> None:
    """Let the templates of an application speak the reader's language, and open the door where it is chosen."""
    app.add_url_rule("/language/<locale>", "language", choose)
    app.after_request(_say_which)
    env = app.jinja_env
    env.add_extension("jinja2.ext.i18n")
    env.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension adds it
    env.finalize = said
    env.globals.update(_=_gettext, gettext=_gettext, ngettext=_ngettext, locale=locale, languages=NAMES)
    env.filters.update(join=_join, capitalize=_begun, lower=_lowered, number=number)
    env.filters["truncate"] = _cut


def locale() -> str:
    """Return the reader's language: the one chosen, else the one their browser asks for, else English.

    A program is answered as its `Accept-Language` asks: it has chosen nothing.
    """
    if not has_request_context():
        return ENGLISH
    if "locale" not in g:
        chosen = None if wants_json() else request.cookies.get(COOKIE)
        asked = negotiate_locale([tag for tag, _ in request.accept_languages], list(NAMES), sep="-")
        g.locale = chosen if chosen in NAMES else asked or ENGLISH
    return str(g.locale)


def current() -> Language:
    """Return how the reader's language says things."""
    return language(locale())


def said(value: Any) -> Any:
    """Return a sentence in the reader's language; anything else as it is. Templates print everything through this."""
    if type(value) is str or type(value) is Markup or not isinstance(value, str):
        return value  # nearly everything, thousands of times on a page
    return translated(value, current())


def number(value: float) -> str:
    """Write a number as the reader's language parts it: 4,000 or 4.000."""
    return current().number(value)


@public
def choose(locale: str) -> ResponseReturnValue:
    """Remember the language a reader chose, and go back to where they were."""
    from services.kernel.http.look import local_path  # look speaks languages itself

    if locale not in NAMES:
        raise NotFound
    response = redirect(local_path(request.args.get("next")), 303)
    secure = config.public_url().startswith("https:")
    response.set_cookie(COOKIE, locale, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


@pass_environment
def _cut(environment: Environment, text: str, *how: Any) -> str:
    return do_truncate(environment, said(text), *how)


def _begun(text: str) -> str:
    words = str(said(text))
    return words[:1].upper() + words[1:].lower() if locale() == ENGLISH else words[:1].upper() + words[1:]


def _lowered(text: Any) -> str:
    """Write words in small letters as within a sentence; in German they stay as they are, for its nouns are capital."""
    words = said(text)
    return do_lower(words) if locale() == ENGLISH or not isinstance(text, Sentence) else str(words)


def _say_which(response: Response) -> Response:
    """Say in which language people are addressed, and of what that depends."""
    if response.mimetype in ("text/html", "application/problem+json") and not response.cache_control.immutable:
        response.headers.setdefault("Content-Language", locale())
        response.vary.add("Accept-Language")
    return response


@pass_eval_context
def _gettext(evaluation: EvalContext, message: str, **values: Any) -> str:
    return _filled(evaluation, current().gettext(message), values)


@pass_eval_context
def _ngettext(evaluation: EvalContext, singular: str, plural: str, num: int, **values: Any) -> str:
    form = current().ngettext(singular, plural, num)
    return _filled(evaluation, form, {"num": number(num), **values})


def _filled(evaluation: EvalContext, form: str, values: Mapping[str, Any]) -> str:
    """Fill in the values, sentences among them in the same language; `%` in a text is always written `%%`."""
    whole: Callable[[str], str] = Markup if evaluation.autoescape else str
    return whole(form) % {name: said(value) for name, value in values.items()}


@pass_eval_context
def _join(evaluation: EvalContext, items: Any, d: str = "", attribute: str | int | None = None) -> str:
    if attribute is None:
        items = [said(item) for item in items]
    joined: str = do_join(evaluation, items, said(d), attribute)
    return joined
