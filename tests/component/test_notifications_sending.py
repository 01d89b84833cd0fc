"""Sending: over real SMTP, tried again as long as it makes sense, told to the log, and nothing private left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller

from services.kernel import clock, ports
from services.kernel.errors import Misconfigured
from services.notifications.commands import DirectoryAway, send_due
from services.notifications.commands.sending import TAKEN_FOR
from services.notifications.domain import DIRECTORY_WAIT, LAST_TRY, WAITS
from services.notifications.mail import BadAddress, Recipient, compose
from services.notifications.post import SmtpPost, Unreachable
from services.notifications.words import Scene
from tests.component.notifications_house import Box, Round, directory, emitted, outcomes, read, send

NOON = datetime.fromisoformat("2026-03-01T12:00:00Z")


class Server:
    """An SMTP server that answers as it is told: `say` maps an address to what RCPT or DATA is answered."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: dict[str, str] = {}
        self.data = "250 taken"
        self.port = ports.free()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_RCPT(self, _: Any, __: Any, envelope: Any, address: str, ___: Any) -> str:
        answer = self.to.get(address, "250 known")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:
        if self.data.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        return self.data


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.controller.stop()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The platform's clock, standing still at the one moment in the list."""
    moment = [clock.now()]
    monkeypatch.setattr(clock, "now", lambda: moment[0])
    return moment


def one_letter(text: str = "Name the harness to be worn.") -> Round:
    """A round in which one letter is to be sent: a comment of the designer's, to a provider with one lead."""
    round = Round().opened()
    for person in (round.luis, round.dora):
        place = {"person": person.person, "organisation": round.school}
        round.say("accounts.person.left.v1", person.person, **place)
    round.tell()
    send(Box())
    round.comments(round.emil, text)
    return round.tell()


def waiting() -> list[dict[str, Any]]:
    return read("SELECT * FROM notifications_own.letter ORDER BY notice")


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


# --- over SMTP --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_a_mail_arrives_in_text_and_html_with_the_comment_and_the_way_to_it(server: Server) -> None:
    """Both parts say the same, name the page, quote the words; headers thread it and keep robots quiet."""
    round = one_letter("Name the harness <b>to be worn</b>.\nAnd who checks it?")
    post = SmtpPost(f"smtp://127.0.0.1:{server.port}")
    assert send_over(post) == 1
    (mail,) = server.mails
    assert mail["Subject"] == "New comment on Solar roofs, safely"
    assert mail["To"] == f"Emil Ek <{round.lena.person}@example.org>"
    assert mail["From"] == "Countersign <no-reply@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["References"] == mail["In-Reply-To"] == f"<draft-{round.draft}@localhost>"
    assert mail["Message-ID"] == f"<{emitted()[-1].subject}@localhost>"
    page = f"http://localhost:8080/codesign/consultations/{round.consultation}#comment-{round.said[-1].data['comment']}"
    for part in (text_of(mail), text_of(mail, "html")):
        assert "Brightwork Ltd has a concern about a learning outcome" in " ".join(part.split())
        assert page in part
    assert "> Name the harness <b>to be worn</b>.\n> And who checks it?" in text_of(mail)
    assert "Name the harness &lt;b&gt;to be worn&lt;/b&gt;.\nAnd who checks it?" in text_of(mail, "html")
    assert outcomes()[-1] == ("notice.delivered.v1", None)
    assert waiting() == []


def send_over(post: SmtpPost) -> int:
    try:
        return send_due(directory, post)
    finally:
        post.close()


@pytest.mark.usefixtures("database")
def test_one_connection_carries_a_whole_round_of_letters(server: Server) -> None:
    """And each person gets one mail of each event."""
    round = Round().opened()
    round.comments(round.emil)
    round.tell()
    assert send_over(SmtpPost(f"smtp://127.0.0.1:{server.port}")) == 5
    addresses = sorted(str(mail["To"]).partition("<")[2] for mail in server.mails)
    people = (round.emil, round.bo, round.dora, round.lena, round.luis)
    assert addresses == sorted(f"{actor.person}@example.org>" for actor in people)


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("place", ["RCPT", "DATA"])
def test_what_the_server_refuses_for_good_is_not_tried_again(server: Server, place: str) -> None:
    """A 5yz answer ends the letter at once, and says so."""
    round = one_letter()
    if place == "RCPT":
        server.to[f"{round.lena.person}@example.org"] = "550 no such user"
    else:
        server.data = "554 not wanted"
    send_over(SmtpPost(f"smtp://127.0.0.1:{server.port}"))
    assert outcomes()[-1] == ("notice.failed.v1", "refused")
    assert waiting() == []


@pytest.mark.usefixtures("database")
def test_what_the_server_puts_off_is_tried_again(server: Server, watch: list[datetime]) -> None:
    """A 4yz answer asks for patience."""
    round = one_letter()
    server.to[f"{round.lena.person}@example.org"] = "450 later, please"
    post = SmtpPost(f"smtp://127.0.0.1:{server.port}")
    send_over(post)
    assert server.mails == []
    assert [row["attempt"] for row in waiting()] == [1]
    server.to.clear()
    watch[0] += timedelta(seconds=WAITS[0])
    send_over(post)
    assert len(server.mails) == 1


def test_a_server_that_is_not_there_is_unreachable() -> None:
    """Broken and refused connections are not the letter's fault."""
    server = Server()
    post = SmtpPost(f"smtp://127.0.0.1:{server.port}")
    mail = compose("n-1", Scene("codesign.participant.invited.v1", {}), None, Recipient("a@example.org"), NOON)
    post.send(mail)
    server.controller.stop()
    for _ in range(2):
        with pytest.raises(Unreachable):
            post.send(mail)


@pytest.mark.parametrize("url", ["http://localhost", "smtp://user:secret@mail.example.org", "localhost:25"])
def test_an_address_of_the_server_that_cannot_be_used_is_named_at_the_start(url: str) -> None:
    """Not one that is none, nor one that sends a password for all to read."""
    with pytest.raises(Misconfigured, match="COUNTERSIGN_SMTP_URL"):
        SmtpPost(url)


# --- tried again ------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_a_letter_is_tried_on_the_stated_schedule_and_then_given_up(watch: list[datetime]) -> None:
    """Not a second before each wait is over; after the last try the log is told that the person was not reached."""
    one_letter()
    box = Box()
    box.away()
    assert send(box) == 1
    for seconds in WAITS:
        watch[0] += timedelta(seconds=seconds) - timedelta(milliseconds=1)
        assert send(box) == 0
        watch[0] += timedelta(milliseconds=1)
        assert send(box) == 1
    assert outcomes()[-1] == ("notice.failed.v1", "unreachable")
    assert waiting() == []


@pytest.mark.usefixtures("database")
def test_accounts_being_away_costs_no_try_however_long_it_lasts(watch: list[datetime]) -> None:
    """A round stops at the first silence; when accounts is back every letter goes, none was lost."""
    round = Round().opened()
    round.comments(round.emil)
    round.tell()
    letters = len(waiting())

    def silent(*_: object) -> None:
        raise DirectoryAway("no answer")

    for _ in range(3 * LAST_TRY):
        assert send(Box(), silent) == 1
        watch[0] += timedelta(seconds=DIRECTORY_WAIT)
    assert {row["attempt"] for row in waiting()} == {0}
    box = Box()
    send(box)
    assert len(box.sent) == letters == 5


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("answer", "ground"),
    [
        (None, "no_address"),
        ({"address": "not an address", "display_name": None, "link": None}, "refused"),
        ({"address": "a@example.org\r\nBcc: all@example.org", "display_name": None, "link": None}, "refused"),
    ],
)
def test_who_cannot_be_written_to_is_given_up_at_once(answer: dict[str, Any] | None, ground: str) -> None:
    """accounts knows no address of theirs, or one that is none."""
    one_letter()
    box = Box()
    send(box, lambda *_: answer)
    assert box.sent == []
    assert outcomes()[-1] == ("notice.failed.v1", ground)


@pytest.mark.usefixtures("database")
def test_a_letter_that_cannot_be_written_does_not_stop_the_others() -> None:
    """A mistake of ours in one letter is tried like a post that is away, and the next one is sent."""
    round = Round().opened().tell()
    box = Box()
    broken = [round.emil.person]

    def ask(person: str, token: str | None) -> Any:
        return {"no": "address"} if person in broken else directory(person, token)

    send(box, ask)
    assert len(box.sent) == 1
    assert [row["attempt"] for row in waiting()] == [1]


@pytest.mark.usefixtures("database")
def test_a_sender_that_dies_after_handing_over_sends_the_same_mail_again(watch: list[datetime]) -> None:
    """The only double there can be: the same Message-ID, once the time for a try is over; told to the log once."""
    one_letter()
    box = Box()

    class Killed(BaseException):
        """As by kill -9: nothing of ours runs any more."""

    class Dying(Box):
        def send(self, message: EmailMessage) -> None:
            box.send(message)
            raise Killed

    with pytest.raises(Killed):
        send(Dying())
    assert send(box) == 0
    watch[0] += TAKEN_FOR
    assert send(box) == 1
    first, second = box.sent
    assert first["Message-ID"] == second["Message-ID"]
    told = [event for event in emitted() if event.data["channel"] == "email"]
    assert len({event.subject for event in told}) == len(told)


@pytest.mark.usefixtures("database")
def test_a_letter_that_kills_every_process_that_tries_it_is_given_up(watch: list[datetime]) -> None:
    """A try is counted when it begins, so tries that never end run out too."""
    one_letter()

    class Deadly(Box):
        def send(self, _: EmailMessage) -> None:
            raise KeyboardInterrupt

    for _ in range(LAST_TRY):
        with pytest.raises(KeyboardInterrupt):
            send(Deadly())
        watch[0] += TAKEN_FOR
    assert send(Box()) == 1
    assert outcomes()[-1] == ("notice.failed.v1", "unreachable")


@pytest.mark.usefixtures("database")
def test_a_slow_sender_whose_letter_went_to_another_changes_nothing(watch: list[datetime]) -> None:
    """Two tries of one letter that overlap after all are told to the log as one."""
    one_letter()
    told = len(outcomes())
    fast = Box()

    class Slow(Box):
        def send(self, _: EmailMessage) -> None:
            watch[0] += TAKEN_FOR
            send(fast)

    send(Slow())
    assert len(fast.sent) == 1
    assert len(outcomes()) == told + 1


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("database")
def test_a_sign_in_link_and_an_invitation_differ_in_their_words_and_carry_the_secret_accounts_gave() -> None:
    """The link is asked for when the mail is written, and stands in no row and no event of ours."""
    round = Round().opened().tell()
    send(Box())
    for purpose in ("sign_in", "invitation"):
        round.issues(round.emil, purpose, **({"consultation": round.consultation} if purpose == "invitation" else {}))
    round.tell()
    box = Box()
    send(box)
    sign_in, invitation = box.sent
    assert sign_in["Subject"] == "Your link to sign in to Countersign"
    assert invitation["Subject"] == "Northfield College invites you to comment on “Solar roofs, safely”"
    for mail, event in zip(box.sent, round.said[-2:], strict=True):
        link = f"http://localhost:8080/accounts/link/secret-of-{event.data['token']}"
        assert link in text_of(mail)
        assert link in text_of(mail, "html")
    assert len(outcomes("inbox")) == 2, "the invited reviewers, and nobody of the links"


@pytest.mark.usefixtures("database")
def test_a_link_that_ran_out_before_its_mail_was_sent_is_not_sent() -> None:
    """accounts gives no link for it; a mail without one would only puzzle."""
    round = Round().tell()
    round.issues(round.emil, "sign_in")
    round.tell()
    box = Box()
    send(box, lambda *_: {"address": "emil@example.org", "display_name": None, "link": None})
    assert box.sent == []
    assert outcomes() == [("notice.failed.v1", "expired")]


# --- privacy ----------------------------------------------------------------------------------------------------------


def everything_in(database: str) -> str:
    """Every row of every table of notifications, as text."""
    with psycopg.connect(database) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname LIKE 'notifications%' ORDER BY 1, 2"
        ).fetchall()
        dumps = [connection.execute(f"SELECT t::text FROM {s}.{t} t".encode()).fetchall() for s, t in tables]
    lines = [str(row[0]) for rows in dumps for row in rows]
    hexes = re.findall(r"\\x([0-9a-f]+)", "\n".join(lines))
    return "\n".join([*lines, *(bytes.fromhex(h).decode(errors="replace") for h in hexes if len(h) % 2 == 0)])


def test_no_address_no_secret_and_no_words_stay_here(database: str) -> None:
    """Once the mails are out, notifications holds neither where they went nor what was quoted in them."""
    round = Round().opened()
    round.comments(round.emil, "Name the harness to be worn.")
    round.issues(round.emil, "sign_in")
    round.tell()
    assert "harness" in everything_in(database), "the words wait in the letter"
    send(Box())
    left = everything_in(database)
    assert "harness" not in left
    assert "example.org" not in left
    assert "secret-of" not in left


@pytest.mark.usefixtures("database")
def test_words_that_are_gone_are_said_to_be_gone() -> None:
    """A comment erased before it was heard is told of all the same."""
    round = Round().opened().tell()
    send(Box())
    comment = round.comments(round.emil)
    object.__setattr__(comment, "private", ())
    round.tell()
    box = Box()
    send(box)
    assert all("no longer at hand, or were" in text_of(mail) for mail in box.sent)
    assert len(box.sent) == 3


# --- headers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nasty", ["Roofs\r\nBcc: all@example.org", "Roofs\n\n<script>", "Roofs\x00\x85\u2028\u202e x"])
def test_nobodys_words_can_break_out_of_a_header(nasty: str) -> None:
    """Neither a title nor a name adds a header or ends the headers."""
    scene = Scene("codesign.participant.invited.v1", {}, "c-1", "d-1", title=nasty, provider=nasty)
    mail = compose("n-1", scene, None, Recipient("a@example.org", nasty), NOON)
    again = message_from_bytes(mail.as_bytes(), policy=default)
    wanted = {"Subject", "From", "To", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted"}
    assert set(again.keys()) == wanted | {"MIME-Version", "Content-Type"}
    assert again["To"].addresses[0].addr_spec == "a@example.org"
    assert "<script>" not in text_of(mail, "html")


def test_a_long_title_is_cut_at_a_word() -> None:
    """Mail programs cut a subject anyway."""
    title = "An extraordinarily thorough micro-credential " * 5
    mail = compose("n-1", Scene("codesign.participant.invited.v1", {}, title=title), None, Recipient("a@b.org"), NOON)
    assert len(mail["Subject"]) <= 120
    assert mail["Subject"].endswith("…")


@pytest.mark.parametrize("address", ["", "no-at-sign", "two@at@signs.org", "a@b.org, c@d.org"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """One mail goes to one address."""
    with pytest.raises(BadAddress):
        compose("n-1", Scene("codesign.participant.invited.v1", {}), None, Recipient(address), NOON)
