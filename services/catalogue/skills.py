"""Skills of ESCO: a starter set that travels with us, the official file that an operator brings, and the search."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from services.catalogue.domain.annex import SKILL
from services.catalogue.domain.vocabulary import CONCEPTS, REUSE_LEVELS
from services.catalogue.store import skills as store
from services.catalogue.store.skills import Language
from services.kernel import db
from services.kernel.concepts import Label, vocabulary
from services.kernel.documents import Document
from services.kernel.errors import Misconfigured

Row = Mapping[str, Any]

NEEDED = ("conceptUri", "preferredLabel", "altLabels", "skillType", "reuseLevel", "description")
KINDS = {"knowledge": "knowledge", "skill/competence": "skill", "skill": "skill", "": None}
AT_ONCE = 500  # rows in one statement
LONGEST = 200_000  # characters of one cell; the longest description of ESCO has 3,000
_known: dict[str, Label] = {}  # what this process has shown: labels change with an import, and a restart follows that


def find(sought: str, language: Language = "en", limit: int = 20) -> list[Row]:
    """Return skills as {"uri", "label", "labels", "kind", "reuse_level"}, the best first."""
    with db.of("catalogue").transaction(read_only=True) as tx:
        return [_shown(row, language) for row in store.find_skills(tx, sought[:200], language, limit)]


def remember(document: Document) -> None:
    """Learn the labels of a document's skills, so that pages can show them."""
    outcomes = document.get("outcomes", {}).values()
    used = {uri for outcome in outcomes for uri in outcome.get("skills", ())}
    if unknown := used - _known.keys():
        with db.of("catalogue").transaction(read_only=True) as tx:
            _known.update((row["uri"], _label(row)) for row in store.skills(tx, sorted(unknown)))


def label(uri: str) -> str | None:
    """Return the words for a skill, as far as they are known here."""
    return _known.get(uri) or CONCEPTS.get(uri)


def put_starter() -> int:
    """Bring the starter set; what is there already stays as it is. Return how many skills are new."""
    starter = vocabulary("esco-starter")
    with db.of("catalogue").transaction() as tx:
        german = [{"uri": uri, "label": label.words["de"]} for uri, label in _labels(starter) if "de" in label.words]
        english = [{"uri": uri, "label": str(label), "also": ""} for uri, label in starter.items()]
        new = store.put_skills(tx, english, "en", missing=True)
        if new:
            tx.execute(
                """UPDATE catalogue_own.skill s SET label_de = g.label
                   FROM unnest(%(uris)s::text[], %(labels)s::text[]) AS g (uri, label)
                   WHERE s.uri = g.uri AND s.label_de IS NULL""",
                {"uris": [row["uri"] for row in german], "labels": [row["label"] for row in german]},
            )
        return new


def put_file(path: Path, language: Language, progress: Callable[[int], None] = lambda _: None) -> tuple[int, int]:
    """Bring ESCO's official file of skills in one language, all or nothing; return (rows read, rows new or changed).

    `progress` is told after each part how many rows were read. Raise Misconfigured with the row and what is wrong.
    """
    read = changed = 0
    with path.open(encoding="utf-8-sig", newline="") as file, db.of("catalogue").transaction() as tx:
        rows = _rows(file, path.name)
        for part in iter(lambda: list(islice(rows, AT_ONCE)), []):
            changed += store.put_skills(tx, part, language)
            read += len(part)
            progress(read)
        if not read:
            raise Misconfigured(f"{path.name} has no skills below its heading. Take the file from ESCO anew.")
    _known.clear()
    return read, changed


def _rows(file: Any, name: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST)
    seen: dict[str, int] = {}
    try:
        reader = csv.DictReader(file, strict=True)
        _hold_columns(reader.fieldnames or (), name)
        for number, row in enumerate(reader, 2):
            found = _row(row, partial(_wrong, name, number))
            if found["uri"] in seen:
                raise _wrong(name, number, f"its address stood in row {seen[found['uri']]} already")
            seen[found["uri"]] = number
            yield found
    except (UnicodeDecodeError, csv.Error) as problem:
        raise Misconfigured(
            f"{name} is no CSV in UTF-8 ({problem}). Take ESCO’s file as it is, not one that a spreadsheet saved."
        ) from problem


def _hold_columns(columns: Sequence[str], name: str) -> None:
    if missing := [column for column in NEEDED if column not in columns]:
        raise Misconfigured(
            f"{name} is not ESCO’s file of skills: its first row lacks {', '.join(missing)}. In the CSV package of "
            "esco.ec.europa.eu it is called skills_en.csv, in German skills_de.csv."
        )


def _row(row: Mapping[str, Any], wrong: Callable[[str], Misconfigured]) -> Row:
    """Return a skill as the store takes it."""
    if None in row or None in row.values():
        raise wrong("it has more or fewer cells than the heading")
    cells = {column: row[column].strip() for column in NEEDED}
    if not SKILL.pattern.fullmatch(cells["conceptUri"]):
        raise wrong(f"“{cells['conceptUri'][:80]}” is no address of an ESCO skill")
    if not cells["preferredLabel"]:
        raise wrong("it has no label (preferredLabel)")
    if "\x00" in "".join(cells.values()):
        raise wrong("it holds a character that no text has (U+0000)")
    if cells["skillType"] not in KINDS:
        raise wrong(f"“{cells['skillType'][:40]}” is no skillType; there are knowledge and skill/competence")
    level = cells["reuseLevel"]
    if level and f"http://data.europa.eu/snb/skill-reuse-level/{level}" not in REUSE_LEVELS:
        raise wrong(f"“{level[:40]}” is no reuseLevel of ESCO")
    return {
        "uri": cells["conceptUri"],
        "label": cells["preferredLabel"],
        "also": cells["altLabels"],
        "kind": KINDS[cells["skillType"]],
        "reuse_level": level or None,
        "description": cells["description"] or None,
    }


def _wrong(name: str, number: int, what: str) -> Misconfigured:
    return Misconfigured(f"{name}, row {number}: {what}. Nothing was taken from the file.")


def _labels(found: Mapping[str, str]) -> Iterator[tuple[str, Label]]:
    yield from ((uri, label) for uri, label in found.items() if isinstance(label, Label))


def _label(row: Row) -> Label:
    words = {code: row[f"label_{code}"] for code in ("en", "de") if row[f"label_{code}"]}
    return Label({"en": next(iter(words.values()))} | words)


def _shown(row: Row, language: Language) -> Row:
    labels = {code: row[f"label_{code}"] for code in ("en", "de") if row[f"label_{code}"]}
    first = labels.get(language) or next(iter(labels.values()))
    return {name: row[name] for name in ("uri", "kind", "reuse_level")} | {"label": first, "labels": labels}
