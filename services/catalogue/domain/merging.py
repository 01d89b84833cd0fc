"""Two people changed one element: what only one of them changed is taken; what both changed is asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Filled = Mapping[str, Sequence[str]]  # the values of each field by its name; a field without values is not there


@dataclass(frozen=True, slots=True)
class Asked:
    """One field that both changed, each in another way."""

    name: str
    base: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What is taken without a question, whose change each of it was, and what a person has to say."""

    taken: Filled
    from_mine: tuple[str, ...]
    from_theirs: tuple[str, ...]
    asked: tuple[Asked, ...]


def merged(base: Filled, mine: Filled, theirs: Filled, several: Collection[str] = ()) -> Merged:
    """Merge two changes of the same fields; the fields named in `several` are merged value by value."""
    taken: dict[str, Sequence[str]] = {}
    from_mine: list[str] = []
    from_theirs: list[str] = []
    asked: list[Asked] = []
    for name in dict.fromkeys([*theirs, *mine, *base]):
        was, my, their = (tuple(filled.get(name, ())) for filled in (base, mine, theirs))
        from_mine += [name] if was != my != their else []
        from_theirs += [name] if was != their != my else []
        if name in several:
            taken[name] = together(was, my, their)
        elif was == my or my == their:
            taken[name] = their
        elif was == their:
            taken[name] = my
        else:
            asked.append(Asked(name, *("".join(values) for values in (was, my, their))))
    questions = {question.name for question in asked}
    return Merged(
        {name: values for name, values in taken.items() if values},
        tuple(name for name in from_mine if name not in questions),
        tuple(name for name in from_theirs if name not in questions),
        tuple(asked),
    )


def together(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> tuple[str, ...]:
    """Return what both hold: theirs, without what I took away, and with what I added."""
    kept = [value for value in theirs if value in mine or value not in base]
    return (*kept, *(value for value in mine if value not in base and value not in kept))
