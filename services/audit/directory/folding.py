"""How each type of entry is folded into the directory: the names it says, and the audiences it is for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from services.audit.directory import policy
from services.audit.reading.elements import title
from services.audit.reading.entries import Entry
from services.kernel import clock, ids
from services.kernel.db import Transaction


@dataclass(slots=True)
class Fold:
    """A few entries being folded: what is to be shown to whom is written when they are done."""

    tx: Transaction
    shown: set[tuple[int, str]] = field(default_factory=set)
    providers: dict[str, str | None] = field(default_factory=dict)

    def show(self, entry: Entry, audience: str) -> None:
        """Show an entry to an audience."""
        self.shown.add((entry.idx, audience))

    def provider(self, consultation: str) -> str | None:
        """Return the provider that a consultation is run by, where it is known."""
        if consultation not in self.providers:
            statement = "SELECT organisation FROM consultation WHERE id = %(id)s"
            self.providers[consultation] = self.tx.value(statement, {"id": consultation})
        return self.providers[consultation]

    def show_like(self, entry: Entry, column: str, value: str) -> None:
        """Show an entry to all audiences of those whose column has a value."""
        self.write()  # what is copied here may have been shown just now
        self.tx.execute(
            f"""INSERT INTO audience (idx, name)
                SELECT DISTINCT %(idx)s::bigint, a.name FROM audience a JOIN entry e USING (idx)
                WHERE e.{column} = %(value)s ON CONFLICT DO NOTHING""",
            {"idx": entry.idx, "value": value},
        )

    def write(self) -> None:
        """Write whom the entries are shown to."""
        self.tx.execute(
            """INSERT INTO audience (idx, name) SELECT * FROM unnest(%(entries)s::bigint[], %(names)s::text[])
               ON CONFLICT DO NOTHING""",
            {"entries": [idx for idx, _ in self.shown], "names": [name for _, name in self.shown]},
        )
        self.shown.clear()


def take(fold: Fold, entry: Entry) -> None:
    """Take one entry: show it to those whose doing it is, and learn what it says of names and of who may read what."""
    if entry.event.organisation and not _is_between_person_and_door(entry.type):
        fold.show(entry, policy.of(entry.event.organisation))
    if step := STEPS.get(entry.type):
        step(fold, entry)


def _is_between_person_and_door(type: str) -> bool:
    """Say whether an entry is of sign-in links and sessions: these are nobody's business in an organisation."""
    return type.startswith(("accounts.token.", "accounts.session."))


def _organisation(fold: Fold, entry: Entry) -> None:
    fold.show(entry, policy.told(entry.event.subject))
    if name := entry.get("name"):
        fold.tx.execute(
            """INSERT INTO organisation (id, name) VALUES (%(id)s, %(name)s)
               ON CONFLICT (id) DO UPDATE SET name = excluded.name""",
            {"id": entry.event.subject, "name": name},
        )


def _person(fold: Fold, entry: Entry) -> None:
    if organisation := entry.get("organisation"):
        fold.show(entry, policy.of(organisation))
    if "display_name" in entry.event.data:
        fold.tx.execute(
            """INSERT INTO person (id, named_in) VALUES (%(id)s, %(event)s)
               ON CONFLICT (id) DO UPDATE SET named_in = excluded.named_in""",
            {"id": entry.event.subject, "event": entry.event.id},
        )


def _erased(fold: Fold, entry: Entry) -> None:
    """Show it to whoever may see something that the person did: there it explains that the words are gone."""
    _person(fold, entry)
    fold.show_like(entry, "actor", entry.event.subject)


def _withheld(fold: Fold, entry: Entry) -> None:
    """Show it to whoever may see the entry whose text it was."""
    if ids.is_id(about := entry.get("event") or ""):
        fold.show_like(entry, "event_id", about)


def _design(fold: Fold, entry: Entry) -> None:
    document = entry.event.data.get("document")
    fold.tx.execute(
        """INSERT INTO design (id, organisation, title) VALUES (%(id)s, %(organisation)s, %(title)s)
           ON CONFLICT (id) DO UPDATE SET title = excluded.title""",
        {
            "id": entry.event.subject,
            "organisation": entry.get("organisation") or entry.event.organisation or "",
            "title": title(document) if isinstance(document, dict) else "",
        },
    )


def _revision(fold: Fold, entry: Entry) -> None:
    """Follow a title that a revision changes, as far as one operation says it whole."""
    patch = entry.event.data.get("patch")
    for operation in patch if isinstance(patch, list) else ():
        if isinstance(operation, dict) and operation.get("path") in ("/title", "/title/en"):
            words = title({"title": operation.get("value")})
            if words and operation.get("op") in ("add", "replace"):
                fold.tx.execute(
                    "UPDATE design SET title = %(title)s WHERE id = %(id)s",
                    {"title": words, "id": entry.event.subject},
                )


def _publication(fold: Fold, entry: Entry) -> None:
    """Show everybody what was said so far of a design, comments only where their organisation agreed."""
    consultation = entry.get("consultation") or ""
    fold.write()  # what is copied here may have been shown just now
    fold.tx.execute("UPDATE design SET published_title = title WHERE id = %(id)s", {"id": entry.event.subject})
    fold.tx.execute(
        """INSERT INTO audience (idx, name)
           SELECT idx, %(public)s FROM entry WHERE subject = %(design)s AND idx <= %(idx)s
           UNION SELECT idx, %(public)s FROM audience WHERE name = %(published)s
           UNION SELECT idx, %(words)s FROM audience WHERE name = %(agreed)s
           ON CONFLICT DO NOTHING""",
        {
            "design": entry.event.subject,
            "idx": entry.idx,
            "public": policy.PUBLIC,
            "words": policy.PUBLIC_WORDS,
            "published": policy.published(consultation),
            "agreed": policy.agreed(consultation),
        },
    )


def _consultation(fold: Fold, entry: Entry) -> None:
    try:
        closes_at = clock.parse(entry.get("closes_at") or "")
    except ValueError:
        closes_at = None
    fold.tx.execute(
        """INSERT INTO consultation (id, design, organisation, visibility, closes_at)
           VALUES (%(id)s, %(design)s, %(organisation)s, %(visibility)s, %(closes_at)s) ON CONFLICT DO NOTHING""",
        {
            "id": entry.event.subject,
            "design": entry.get("draft") or "",
            "organisation": entry.get("organisation") or "",
            "visibility": entry.get("visibility") or "",
            "closes_at": closes_at,
        },
    )
    fold.providers.pop(entry.event.subject, None)
    _of_consultation(fold, entry)


def _of_consultation(fold: Fold, entry: Entry) -> None:
    """Show what every participant may know, its provider, and one day everybody."""
    _show_provider(fold, entry)
    fold.show(entry, policy.invited(entry.event.subject))
    fold.show(entry, policy.published(entry.event.subject))


def _participant(fold: Fold, entry: Entry) -> None:
    organisation = entry.get("organisation") or ""
    _said(fold, entry, organisation)
    fold.tx.execute(
        """INSERT INTO participant (organisation, consultation) VALUES (%(organisation)s, %(consultation)s)
           ON CONFLICT DO NOTHING""",
        {"organisation": organisation, "consultation": entry.event.subject},
    )


def _comment(fold: Fold, entry: Entry) -> None:
    version, organisation = entry.event.data.get("version"), entry.event.organisation or ""
    public = entry.event.data.get("public") is True
    _said(fold, entry, organisation)
    _agree(fold, entry, public)
    fold.tx.execute(
        """INSERT INTO comment (id, consultation, organisation, design, version, element, public)
           VALUES (%(id)s, %(consultation)s, %(organisation)s, %(design)s, %(version)s, %(element)s, %(public)s)
           ON CONFLICT DO NOTHING""",
        {
            "id": entry.get("comment") or entry.event.id,
            "consultation": entry.event.subject,
            "organisation": organisation,
            "design": entry.get("draft") or "",
            "version": version if isinstance(version, int) else 0,
            "element": entry.get("element") or "",
            "public": public,
        },
    )


def _disposition(fold: Fold, entry: Entry) -> None:
    """Show an answer to those who may see the comment it answers."""
    comment = fold.tx.one(
        "SELECT organisation, public FROM comment WHERE id = %(id)s AND consultation = %(consultation)s",
        {"id": entry.get("comment"), "consultation": entry.event.subject},
    )
    _said(fold, entry, comment["organisation"] if comment else "")
    _agree(fold, entry, bool(comment and comment["public"]))


def _endorsement(fold: Fold, entry: Entry) -> None:
    _said(fold, entry, entry.event.organisation or "")
    fold.show(entry, policy.published(entry.event.subject))


def _agree(fold: Fold, entry: Entry, public: bool) -> None:
    if public:
        fold.show(entry, policy.published(entry.event.subject))
        fold.show(entry, policy.agreed(entry.event.subject))


def _said(fold: Fold, entry: Entry, organisation: str) -> None:
    """Show what one organisation said, or was told, in a consultation: it, the provider, and those who may listen."""
    _show_provider(fold, entry)
    fold.show(entry, policy.listening(entry.event.subject))
    if organisation:
        fold.show(entry, policy.told(organisation))


def _show_provider(fold: Fold, entry: Entry) -> None:
    if provider := fold.provider(entry.event.subject):
        fold.show(entry, policy.of(provider))


STEPS: Mapping[str, Callable[[Fold, Entry], None]] = {
    "accounts.organisation.registered.v1": _organisation,
    "accounts.organisation.changed.v1": _organisation,
    "accounts.organisation.confirmed.v1": _organisation,
    "accounts.person.invited.v1": _person,
    "accounts.person.joined.v1": _person,
    "accounts.person.changed.v1": _person,
    "accounts.person.left.v1": _person,
    "accounts.person.erased.v1": _erased,
    "accounts.role.granted.v1": _person,
    "accounts.role.revoked.v1": _person,
    "catalogue.draft.opened.v1": _design,
    "catalogue.draft.submitted.v1": _design,
    "catalogue.draft.revised.v1": _revision,
    "catalogue.credential.published.v1": _publication,
    "codesign.consultation.opened.v1": _consultation,
    "codesign.consultation.sealed.v1": _of_consultation,
    "codesign.consultation.unready.v1": _of_consultation,
    "codesign.participant.invited.v1": _participant,
    "codesign.comment.submitted.v1": _comment,
    "codesign.disposition.recorded.v1": _disposition,
    "codesign.endorsement.given.v1": _endorsement,
    "audit.text.withheld.v1": _withheld,
}
