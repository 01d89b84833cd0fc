"""Combinations that no reading of a document can make sense of.

Within one element they refuse the saving (`nonsense`): the person has all of it on one form. Between elements they keep
a design from being submitted (`contradictions`), for elements are saved one after another. What is unusual and can be
meant is advice (`doubts`). Figures of hours and credits: ECTS Users' Guide 2015, section 2: "one credit corresponds to
25 to 30 hours of work".
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from services.catalogue.domain.shapes import Fault
from services.kernel.documents import Document
from services.kernel.language import say

HOURS_PER_CREDIT = (Decimal(25), Decimal(30))
FEWEST_HOURS = Decimal("12.5")  # half of 25: no national rule comes near it (England counts 20)
HOURS_OF_A_WEEK = 168
LONGEST_WEEK = 60  # hours of learning: beside them nobody sleeps and eats


def nonsense(document: Document, itself: str | None = None) -> Iterator[Fault]:
    """Yield what cannot be so within one element; `itself` is the id of the draft, which is no part of itself."""
    yield from _more_credits_than_hours(document.get("workload", {}))
    weekly = _number(document.get("participation", {}), "hours_per_week")
    if weekly is not None and weekly > HOURS_OF_A_WEEK:
        yield Fault(
            "/participation/hours_per_week",
            say("A week has {most} hours; this says {hours}.", most=HOURS_OF_A_WEEK, hours=f"{weekly:f}"),
        )
    for name in ("targets", "part_of", "advanced_standing"):
        yield from _links(document.get("stacking", {}).get(name, {}), f"/stacking/{name}", itself)


def contradictions(document: Document) -> Iterator[Fault]:
    """Yield what cannot be so between two elements, or is no statement without another."""
    hours = _number(document.get("workload", {}), "hours")
    weekly = _number(document.get("participation", {}), "hours_per_week")
    at = "/participation/hours_per_week"
    if hours == 0:
        yield Fault("/workload/hours", say("Nothing is learned in no hours: say how many learners need."))
    if weekly is not None and LONGEST_WEEK < weekly <= HOURS_OF_A_WEEK:
        yield Fault(
            at,
            say(
                "Nobody learns {hours} hours a week; more than {most} are not possible.",
                hours=f"{weekly:f}",
                most=LONGEST_WEEK,
            ),
        )
    elif weekly is not None and hours and weekly > hours:
        yield Fault(
            at,
            say(
                "These are more hours a week ({weekly}) than the whole workload has ({hours}).",
                weekly=f"{weekly:f}",
                hours=f"{hours:f}",
            ),
        )
    value = document.get("value", {})
    if _number(value, "cost") and "currency" not in value:
        yield Fault("/value/currency", say("A cost is no cost without its currency: choose one, such as EUR."))
    yield from _named_after_itself(document)


def doubts(document: Document) -> Iterator[Fault]:
    """Yield what is unusual, though it can be meant."""
    workload = document.get("workload", {})
    hours, credits = _number(workload, "hours"), _number(workload, "ects")
    least, most = HOURS_PER_CREDIT
    if hours and credits and not least * credits <= hours <= most * credits:
        yield Fault(
            "/workload/ects",
            say(
                "One ECTS credit stands for {least} to {most} hours of work (ECTS Users’ Guide 2015); here it is "
                "{here}. {hours} hours are {fewest} to {utmost} credits.",
                **_credits(hours),
                here=_short(hours / credits),
            ),
        )
    expires = document.get("quality_assurance", {}).get("expires")
    review = document.get("shelf_life", {}).get("review_by")
    if expires and review and expires < review:
        yield Fault(
            "/shelf_life/review_by",
            say(
                "The quality assurance ends on {day}, before this review: review the design before that day.",
                day=date.fromisoformat(expires),
            ),
        )


def _more_credits_than_hours(workload: Mapping[str, Any]) -> Iterator[Fault]:
    hours, credits = _number(workload, "hours"), _number(workload, "ects")
    if hours is not None and credits and hours < FEWEST_HOURS * credits:
        least, most = HOURS_PER_CREDIT
        yield Fault(
            "/workload/ects",
            say(
                "{credits} ECTS in {hours} hours is not possible: one credit stands for {least} to {most} hours of "
                "work (ECTS Users’ Guide 2015). {hours} hours are {fewest} to {utmost} credits; {credits} credits take "
                "{shortest} to {longest} hours.",
                **_credits(hours),
                credits=f"{credits:f}",
                shortest=_short(credits * least),
                longest=_short(credits * most),
            ),
        )


def _credits(hours: Decimal) -> dict[str, str]:
    """Return what the guide says, and how many credits so many hours are by it."""
    least, most = HOURS_PER_CREDIT
    figures = {"least": least, "most": most, "hours": hours}
    told = {name: f"{figure:f}" for name, figure in figures.items()}
    return told | {"fewest": _short(hours / most), "utmost": _short(hours / least)}


def _links(links: Mapping[str, Mapping[str, Any]], at: str, itself: str | None) -> Iterator[Fault]:
    seen: set[str] = set()
    for key, link in links.items():
        address = link.get("address", "")
        if itself and itself in address:
            yield Fault(
                f"{at}/{key}/address", say("This is the design itself. Name another one, or take the line out.")
            )
        elif address and address in seen:
            yield Fault(f"{at}/{key}/address", say("This address stands here twice."))
        seen.add(address)


def _named_after_itself(document: Document) -> Iterator[Fault]:
    """A part bears another name than its whole."""
    titles = set(document.get("title", {}).items())
    for name in ("part_of", "targets"):
        for key, link in document.get("stacking", {}).get(name, {}).items():
            if titles & set(link.get("title", {}).items()):
                yield Fault(
                    f"/stacking/{name}/{key}/title", say("This bears the name of the design itself: name the other.")
                )


def _number(record: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(record[name]) if name in record else None


def _short(number: Decimal) -> str:
    """A number as people write it: at most one decimal, and none that is 0."""
    return f"{number.quantize(Decimal('0.1')).normalize():f}"
