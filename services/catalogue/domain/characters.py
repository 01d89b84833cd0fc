"""What a text may be made of: every script of the world, and nothing that hides, turns over or overflows what it says.

Right-to-left text is text like any other, and so are combining characters. A text is kept composed (Unicode NFC), so
that the same words have the same bytes and the same hash.
"""

import re
from collections.abc import Iterator
from unicodedata import category, is_normalized

from services.kernel.language import say

MAX_MARKS = 8
"""Combining characters on one base. Hebrew with vowels and accents needs 4, Vietnamese 2; UAX #15 draws its line at 30,
where a page is long unreadable."""

SURROGATE = re.compile("[\ud800-\udfff]")
# Control characters (a line feed is looked at by itself), line separators of other systems, marks of byte order, tags
# that nobody sees, and code points that are no characters.
INVISIBLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufff9-\uffff\ufdd0-\ufdef\U000e0000-\U000e007f]")
# Markup as it comes out of an editor. The bare name of a tag may stand: a course on web pages speaks of <table>.
MARKUP = re.compile(
    r"<!--|</[a-z][a-z0-9-]*\s*>|<[a-z][a-z0-9-]*(\s+[a-z-]+\s*=|\s*/>)"
    r"|<(script|style|iframe|object|embed|svg|img|link|meta)\b",
    re.IGNORECASE,
)
_OPENS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"} | dict.fromkeys(
    "\u2066\u2067\u2068", "\u2069"
)
_CLOSES = frozenset("\u202c\u2069")


def objections(text: str, *, lines: bool) -> Iterator[str]:
    """Yield what is wrong with the characters of a text; the first is enough to tell."""
    if half := SURROGATE.search(text):
        yield say(
            "Character {place} is half of one (a lone surrogate), which no text holds. Type it or paste it anew.",
            place=half.start() + 1,
        )
    elif (hidden := INVISIBLE.search(text)) or (not lines and "\n" in text):
        place = hidden.start() if hidden else text.index("\n")
        yield say(
            "This holds line breaks or invisible characters that cannot stand here; the first is character {place} "
            "({code}). Take it out.",
            place=place + 1,
            code=_code(text[place]),
        )
    elif (markup := MARKUP.search(text)) is not None:
        yield say(
            "This holds HTML (“{markup}”), and people would read the marks themselves. Write plain text.",
            markup=markup.group()[:20],
        )
    elif not _balanced(text):
        yield say(
            "Characters that turn the direction of writing (U+202A to U+202E, U+2066 to U+2069) are opened here and "
            "not closed in the same line, so the text would read otherwise than it is. Take them out: right-to-left "
            "text needs none."
        )
    elif (crowded := _overloaded(text)) is not None:
        yield say(
            "There are more than {max} combining characters on one, at character {place}. Take some out.",
            max=MAX_MARKS,
            place=crowded + 1,
        )
    elif not is_normalized("NFC", text):
        yield say("This is not composed, as text is kept here. Send it in the form NFC: ü is one character, not two.")


def _balanced(text: str) -> bool:
    """Say whether what turns the direction of writing is turned back in the same line."""
    for line in text.split("\n"):
        waiting: list[str] = []
        for character in line:
            if character in _OPENS:
                waiting.append(_OPENS[character])
            elif character in _CLOSES and (not waiting or waiting.pop() != character):
                return False
        if waiting:
            return False
    return True


def _overloaded(text: str) -> int | None:
    """Return where too many combining characters stand on one, or None."""
    marks = 0
    for place, character in enumerate(text):
        marks = marks + 1 if character > "\u02ff" and category(character).startswith("M") else 0
        if marks > MAX_MARKS:
            return place
    return None


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
