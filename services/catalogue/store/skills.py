"""The skills of ESCO: brought in by the thousand, found by the beginnings of their words."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from services.kernel.db import Transaction

Row = Mapping[str, Any]
Language = Literal["en", "de"]

_COLUMNS = "uri, label_en, label_de, kind, reuse_level"


def find_skills(tx: Transaction, sought: str, language: Language, limit: int) -> Sequence[Row]:
    """Return the skills with words that begin as those sought do; the best first, [] where nothing is sought.

    First those found by their label, of them those whose label begins so, then those by an alternative one; shorter
    ones first. Where no word begins so, those that hold the text anywhere: German joins words (Lagerverwaltung).
    """
    words = re.findall(r"\w+", sought.lower())[:8]
    if not words:
        return []
    label = f"coalesce(label_{language}, label_en, label_de)"
    order = f"NOT starts_with(lower({label}), %(start)s), length({label}), {label}, uri"
    params = {"start": " ".join(words), "limit": limit}
    for weight in ("A", ""):  # labels alone first: two letters begin a word of nearly every skill's other names
        found: Sequence[Row] = tx.all(
            f"""SELECT {_COLUMNS} FROM catalogue_own.skill WHERE words @@ to_tsquery('simple', %(begins)s)
                ORDER BY NOT words @@ to_tsquery('simple', %(named)s), {order} LIMIT %(limit)s""",
            params | {"begins": _beginning(words, weight), "named": _beginning(words, "A")},
        )
        if len(found) == limit:
            return found
    if found or len(max(words, key=len)) < 3:
        return found
    return tx.all(
        f"""SELECT {_COLUMNS} FROM catalogue_own.skill WHERE whole LIKE ALL(%(parts)s)
            ORDER BY {order} LIMIT %(limit)s""",
        params | {"parts": [f"%{word}%" for word in words]},
    )


def _beginning(words: Sequence[str], weight: str) -> str:
    """Return the query for words that begin so, all of them, with a weight or any."""
    return " & ".join(f"{word}:*{weight}" for word in words)


def skills(tx: Transaction, uris: Sequence[str]) -> Sequence[Row]:
    """Return the skills with these addresses, as far as they are known."""
    return tx.all(f"SELECT {_COLUMNS} FROM catalogue_own.skill WHERE uri = ANY(%(uris)s)", {"uris": list(uris)})


def put_skills(tx: Transaction, rows: Sequence[Row], language: Language, *, missing: bool = False) -> int:
    """Write skills by their address, their words in one language; return how many rows are new or other than before.

    `missing` leaves alone what is there. The words of the other language stay.
    """
    columns = (f"label_{language}", f"also_{language}", "kind", "reuse_level", "description")
    ours = ", ".join(f"skill.{name}" for name in columns)
    theirs = ", ".join(f"excluded.{name}" for name in columns)
    update = f"UPDATE SET ({', '.join(columns)}) = ROW({theirs}) WHERE ({ours}) IS DISTINCT FROM ({theirs})"
    values = {name: [row.get(name) for row in rows] for name in ("uri", "label", "also", *columns[2:])}
    return tx.execute(
        f"""INSERT INTO catalogue_own.skill AS skill (uri, {", ".join(columns)})
            SELECT * FROM unnest(%(uri)s::text[], %(label)s::text[], %(also)s::text[], %(kind)s::text[],
                                 %(reuse_level)s::text[], %(description)s::text[])
            ON CONFLICT (uri) DO {"NOTHING" if missing else update}""",
        values,
    ).rowcount
