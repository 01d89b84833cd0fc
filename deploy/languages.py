"""Bring the catalogues of the interface up to date: what people can read, found in templates and Python, in order.

    python -m deploy.languages          write services/*/translations/*/LC_MESSAGES/messages.po
    python -m deploy.languages --check  say what they lack, and exit 1 where it is something

A catalogue names no line and no date, so that it changes only where words do. What the kernel says stands there alone;
what several services say stands in each, and is taken over from the one that was translated first.
"""

import ast
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from services.kernel.translations import CATALOGUES, ENGLISH, NAMES

ROOT = Path(__file__).parents[1]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"newstyle_gettext": "true", "trimmed": "false", "silent": "false"}
HEAD = "# {name}: the words of {service}.\n"


def found(service: str) -> Catalog:
    """Return what a service says to people, in English, in the order of its files."""
    catalogue = Catalog(fuzzy=False)
    for path in _sources(ROOT / "services" / service):
        for message in _of_template(path) if path.suffix == ".html" else _of_python(path):
            catalogue.add(message, locations=[(path.relative_to(ROOT / "services" / service).as_posix(), 0)])
    return catalogue


def _of_template(path: Path) -> Iterator[Any]:
    for _, message, _, _ in extract_from_file("jinja2", path, keywords=KEYWORDS, options=OPTIONS):
        if any(message if isinstance(message, tuple) else (message,)):
            yield message


def _of_python(path: Path) -> Iterator[Any]:
    """Yield what is said in a module, one sentence within another too, which Babel's own reader passes by."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        texts = [node.value for node in call.args if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        if name == "say" and texts:
            yield texts[0]
        elif name == "say_of" and len(texts) == 2:
            yield tuple(texts)


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".html") and "mailcatcher" not in path.parts:
            yield path


def place(service: str, locale: str) -> Path:
    """Return where a catalogue lies."""
    return ROOT / "services" / service / "translations" / locale / "LC_MESSAGES" / "messages.po"


def kept(service: str, locale: str) -> Catalog:
    """Return a catalogue as it lies there; an empty one where there is none yet."""
    path = place(service, locale)
    return read_po(BytesIO(path.read_bytes()), locale=locale) if path.exists() else Catalog(locale=locale)


def wanted(service: str, locale: str, known: dict[Any, Any]) -> Catalog:
    """Return a catalogue as it should lie there: all that is said, with the translations there are."""
    catalogue = Catalog(locale=locale, fuzzy=False)
    elsewhere = {} if service == "kernel" else {message.id for message in _messages(found("kernel"))}
    for message in _messages(found(service)):
        if message.id in elsewhere:
            continue
        said = known.get((service, message.id)) or known.get(message.id) or ""
        files = list(dict.fromkeys(message.locations))
        catalogue.add(message.id, said, locations=files, flags=message.flags - {"fuzzy"})
    return catalogue


def written(service: str, catalogue: Catalog) -> bytes:
    """Return the bytes of a catalogue: no dates, no line numbers."""
    out = BytesIO()
    catalogue.header_comment = HEAD.format(name=NAMES[str(catalogue.locale)], service=service).strip()
    write_po(out, catalogue, width=120, omit_header=True, include_lineno=False)
    head = f'{catalogue.header_comment}\nmsgid ""\nmsgstr ""\n"Language: {catalogue.locale}\\n"\n'
    plural = '"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
    return (head + plural).encode() + out.getvalue()


def known(locale: str) -> dict[Any, Any]:
    """Return every translation there is: by service and message, and by message alone."""
    said: dict[Any, Any] = {}
    for service in CATALOGUES:
        for message in _messages(kept(service, locale)):
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            if all(forms):
                said[service, message.id] = message.string
                said.setdefault(message.id, message.string)
    return said


def _messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def main(*words: str) -> int:
    """Write the catalogues, or check them."""
    behind = []
    for locale in (name for name in NAMES if name != ENGLISH):
        translations = known(locale)
        for service in CATALOGUES:
            path, catalogue = place(service, locale), wanted(service, locale, translations)
            text = written(service, catalogue)
            if path.exists() and path.read_bytes() == text:
                continue
            behind.append(path.relative_to(ROOT))
            if "--check" not in words:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text)
    for name in behind:
        print(name)
    return 1 if behind and "--check" in words else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
