"""The languages of the interface: all that people read is translated, and nothing else stands in the catalogues."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import orjson
import pytest
from jinja2 import nodes

from deploy import languages
from services.kernel.language import say, say_of, translated
from services.kernel.translations import CATALOGUES, ENGLISH, NAMES, Language, language

ROOT = Path(__file__).parents[2] / "services"
OTHERS = [name for name in NAMES if name != ENGLISH]
READ = ("alt", "aria-label", "content", "data-away", "data-head", "placeholder", "title")
# Not said in two languages yet: what an operator reads beside the platform, or an auditor takes away in a file.
APART = ("mailcatcher", "evidence", "mail")
NOT_YET: frozenset[str] = frozenset()

GERMAN = Language(
    "de", {"It closed on {day}.": ("Geschlossen am {day}.",), "{n} comment": ("{n} Eintrag", "{n} Einträge")}
)


def test_a_sentence_is_english_and_remembers_how_it_was_said() -> None:
    """It is a `str` to everything that knows no languages, and survives a pickle with its template and values."""
    sentence = say("It closed on {day}.", day=date(2026, 3, 1))
    assert sentence == "It closed on 1 March 2026."
    assert json.loads(json.dumps(sentence)) == orjson.loads(orjson.dumps(sentence)) == str(sentence)
    again = pickle.loads(pickle.dumps(sentence))
    assert translated(again, GERMAN) == "Geschlossen am 1. März 2026."


def test_a_sentence_within_a_sentence_is_translated_too() -> None:
    """Values that are sentences, numbers and days are said as the language says them."""
    inner = say_of(4000, "{n} comment", "{n} comments")
    assert say("Here: {what}", what=inner) == "Here: 4000 comments"
    assert translated(say("Here: {what}", what=inner), GERMAN) == "Here: 4000 Einträge"
    assert translated(say("{n:,}", n=4000), GERMAN) == "4.000"


def test_what_people_wrote_is_left_alone() -> None:
    """A text that is no sentence of ours is returned as it is, and braces in it are braces."""
    assert translated("It closed on {day}.", GERMAN) == "It closed on {day}."
    assert translated(say("By {who}.", who="{n}"), GERMAN) == "By {n}."


def test_a_moment_is_written_as_the_language_does() -> None:
    """English days are written as ever; German ones with a point."""
    at = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert [language(name).when(at) for name in ("en", "de")] == [
        "1 March 2026, 09:30 UTC",
        "1. März 2026, 09:30 Uhr (UTC)",
    ]


@pytest.mark.parametrize("locale", OTHERS)
@pytest.mark.parametrize("service", CATALOGUES)
def test_the_catalogue_holds_what_is_said_and_nothing_else(service: str, locale: str) -> None:
    """It is what `make languages` writes: every message in the order of the files, none that is not said any more."""
    expected = languages.written(service, languages.wanted(service, locale, languages.known(locale)))
    assert languages.place(service, locale).read_bytes() == expected, "run `make languages`"


@pytest.mark.parametrize("locale", OTHERS)
@pytest.mark.parametrize("service", CATALOGUES)
def test_every_message_is_translated(service: str, locale: str) -> None:
    """None is empty or doubtful, and each translation has the gaps of its message."""
    for message in languages.kept(service, locale):
        if message.id:
            said = [str(form or "") for form in forms(message.string)]
            english = [str(form) for form in forms(message.id)]
            assert all(said), f"{service}: {message.id!r} is not translated"
            assert not message.fuzzy, f"{service}: {message.id!r} is doubtful"
            assert gaps(said[-1]) == gaps(english[-1]), f"{service}: {message.id!r} has other gaps"
            assert tags(said[-1]) == tags(english[-1]), f"{service}: {message.id!r} has other markup"


def forms(text: object) -> tuple[object, ...]:
    """The forms of a message: one, or one for each number."""
    return tuple(text) if isinstance(text, (tuple, list)) else (text,)


def gaps(text: str) -> set[str]:
    """The places where values are put in: `%(name)s` and `{name}`."""
    return set(re.findall(r"%\(\w+\)[sd]|\{\w+[^{}]*\}", text))


def tags(text: str) -> list[str]:
    return sorted(re.findall(r"<[^<>]+>", text))


def test_two_services_say_the_same_alike() -> None:
    """A message of several services has one translation: the pages of one platform speak with one voice."""
    for locale in OTHERS:
        said: dict[str, object] = {}
        for service in CATALOGUES:
            for message in languages.kept(service, locale):
                if message.id:
                    key = str(message.id)
                    assert said.setdefault(key, message.string) == message.string, f"{key} is said in two ways"


def templates() -> list[str]:
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.html"))
    return sorted(path.as_posix() for path in found if not set(APART) & set(path.parts))


@pytest.mark.parametrize("path", templates())
def test_a_template_says_nothing_in_one_language_only(path: str) -> None:
    """Every word for people stands in `_()`, `ngettext()` or `{% trans %}`; so does what is read from an attribute."""
    bare = list(words_of(path))
    if path in NOT_YET:
        assert bare, f"{path} is translated: take it off NOT_YET"
        return
    assert bare == []


def words_of(path: str) -> Iterator[str]:
    """Yield the bare words of a template: between tags, in attributes that are read, and in texts it prints."""
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)
    tree = environment.parse((ROOT / path).read_text())
    reader = Words()
    reader.feed("".join(_flat(tree)))
    yield from reader.found
    for output in tree.find_all(nodes.Output):
        for part in output.nodes:
            yield from (text for text in printed(part) if speaks(text))


def _flat(node: nodes.Node) -> Iterator[str]:
    """Yield the text of a template, with a mark where something is printed."""
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.TemplateData):
            yield child.data
        elif isinstance(child, nodes.Stmt):
            yield from _flat(child)
        elif isinstance(node, nodes.Output):
            yield "\x00"


def printed(node: nodes.Node) -> Iterator[str]:
    """Yield the constants that an expression can print as they stand."""
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        for side in (node.expr1, node.expr2):
            if side is not None:
                yield from printed(side)
    elif isinstance(node, nodes.Concat):
        for side in node.nodes:
            yield from printed(side)
    elif isinstance(node, nodes.Or | nodes.Add):
        yield from printed(node.left)
        yield from printed(node.right)
    elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in MACROS:
        for argument in node.args[MACROS[node.node.name] :]:
            yield from listed(argument)
        for keyword in node.kwargs:
            if keyword.key == "hint":
                yield from printed(keyword.value)


def listed(node: nodes.Node) -> Iterator[str]:
    """Yield what stands in the lists that macros take: pairs of a word and what it is called."""
    if isinstance(node, nodes.List | nodes.Tuple):
        for item in node.items:
            yield from listed(item)
    elif isinstance(node, nodes.Dict):
        for pair in node.items:
            yield from listed(pair.value)
    else:
        yield from printed(node)


# the macros of look.html that print what they are given, and how many arguments before are names, not words
MACROS = {
    **dict.fromkeys(("submit", "link", "empty", "crumb", "facts", "table", "notice", "status"), 0),
    **dict.fromkeys(("field", "area", "choice", "choices", "select", "fragment"), 1),
}


def speaks(text: str) -> bool:
    """Say whether a text has a word of a language: some letters that begin a sentence or are parted by spaces."""
    return bool(re.search(r"[A-Z][a-z]+\b|[A-Za-z]+ [a-z]+", text)) and "Countersign" not in text.split()[:1]


class Words(HTMLParser):
    """Collects what people read of a page."""

    SILENT = ("style", "script", "code", "kbd", "pre")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self.silent.append(tag)
        if tag != "meta":
            self.found += [value for name, value in attrs if name in READ and value and re.search("[a-z]{2}", value)]

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        text = " ".join(re.sub(r"[\w-]+=\"[^\"]*\"", "", data).replace("\x00", " ").replace("Countersign", "").split())
        if not self.silent and text != "required" and re.search("[A-Za-z]{2}", text):
            self.found.append(text)
