"""Signing in and out: a link asked for by address, looked at, used by a button; renewal; the end."""

from flask import make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from services.accounts import commands
from services.accounts.devices import described
from services.accounts.pages import cookies
from services.accounts.pages.blueprint import pages
from services.accounts.schemas import AddressSchema, DisplayNameSchema
from services.kernel.errors import Gone, NotFound, SignInNeeded
from services.kernel.http import hands_on, keep_words, local_path, public, read_form, redisplay, url

HOME = "/accounts/"


@pages.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Ask for an address."""
    return render_template("accounts/sign_in.html", next=_way_back(request.args.get("next")))


@pages.post("/sign-in")
@public
@redisplay(sign_in)
def request_link() -> ResponseReturnValue:
    """Have a link mailed; the answer is the same whether the address is known or not."""
    wish = read_form(AddressSchema)
    commands.request_link(wish["address"], client=request.remote_addr or "", next=_way_back(wish.get("next")))
    return redirect(url("accounts.on_its_way"), 303)


@pages.get("/sign-in/sent")
@public
def on_its_way() -> ResponseReturnValue:
    """Say what happens next."""
    return render_template("accounts/on_its_way.html")


@pages.get("/link/<secret>")
@public
def link(secret: str) -> ResponseReturnValue:
    """Show whom a link is for, with one button. Nothing is used up: mail scanners follow links."""
    try:
        page = make_response(render_template("accounts/link.html", view=commands.look_at_link(secret)))
    except (NotFound, Gone) as refusal:
        return _opens_nothing(refusal)
    # the address is the secret: kept nowhere, and passed on to no page that is opened from here
    page.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "strict-origin"})
    return page


@pages.post("/link/<secret>")
@public
@redisplay(link)
def redeem(secret: str) -> ResponseReturnValue:
    """Sign in with a link."""
    name = read_form(DisplayNameSchema)["display_name"] if "display_name" in request.form else None
    try:
        opened = commands.redeem(
            secret,
            name=name,
            device=described(request.user_agent.string),
            instead_of=cookies.renewal_secret() or None,
        )
    except (NotFound, Gone) as refusal:
        return _opens_nothing(refusal)
    return cookies.give(redirect(_way_back(opened.next), 303), opened)


@pages.route("/renew", methods=["GET", "POST"])
@public
@hands_on
def renew() -> ResponseReturnValue:
    """Renew the session and go on to `next`, a form with all its words; without a session, by way of sign-in."""
    target = _way_back(request.args.get("next"))
    try:
        opened = commands.renew(cookies.renewal_secret())
    except SignInNeeded as refusal:
        if request.method == "POST":
            return keep_words(target, refusal.message, status=refusal.status, renew=True)
        return cookies.take_back(redirect(url("accounts.sign_in", next=target), 303))
    return cookies.give(redirect(target, 307 if request.method == "POST" else 303), opened)


@pages.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End this browser's session, here at once and at the other services within a second."""
    commands.sign_out(cookies.renewal_secret())
    return cookies.take_back(redirect(url("accounts.signed_out"), 303))


@pages.get("/signed-out")
@public
def signed_out() -> ResponseReturnValue:
    """Say that it is done."""
    return render_template("accounts/signed_out.html")


def _opens_nothing(refusal: NotFound | Gone) -> ResponseReturnValue:
    """Say why a link opens nothing, and how to get one that does."""
    return render_template("accounts/link_gone.html", message=refusal.message), refusal.status


def _way_back(next: str | None) -> str:
    """Return a path of this site to go on to, and never the renewal itself: two of them would turn in a circle."""
    target = local_path(next, HOME)
    return HOME if target.startswith(("/accounts/renew", "/accounts/sign-in")) else target
