"""What can go wrong, by whose hands it can be put right: `Refused` is the caller's, `Malformed` an operator's."""

from collections.abc import Mapping, Sequence

FieldErrors = Mapping[str, Sequence[str]]


class Refused(Exception):
    """A wish that the rules do not allow now (409). The message tells the person what to do next.

    `code` is a stable word for programs, such as "consultation-closed"; `fields` maps JSON Pointers into the request to
    sentences about them.
    """

    status = 409
    default_code = "refused"

    def __init__(self, message: str, *, code: str | None = None, fields: FieldErrors | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fields: FieldErrors = fields or {}


class SignInNeeded(Refused):
    """Nobody is signed in, or the session has ended."""

    status = 401
    default_code = "sign-in-needed"


class Forbidden(Refused):
    """Signed in, but not the one who may do this."""

    status = 403
    default_code = "forbidden"


class NotFound(Refused):
    """There is no such thing, or the one who asks may not know of it."""

    status = 404
    default_code = "not-found"


class NotYet(Refused):
    """It will be there in a moment: the same request will be answered then (409, with Retry-After)."""

    default_code = "not-yet"


class Gone(Refused):
    """It was there and is used up: a link that was redeemed or has expired."""

    status = 410
    default_code = "gone"


class Stale(Refused):
    """Somebody else changed it meanwhile: the `If-Match` of the request is not the present version."""

    status = 412
    default_code = "stale"


class TooLarge(Refused):
    """More than the stated limit."""

    status = 413
    default_code = "too-large"


class Invalid(Refused):
    """The request can be read, but some of its fields are wrong; `fields` names each."""

    status = 422
    default_code = "invalid"


class PreconditionRequired(Refused):
    """A change was asked for without saying of which version (`If-Match`)."""

    status = 428
    default_code = "precondition-required"


class TooMany(Refused):
    """Asked too often; later it will be answered."""

    status = 429
    default_code = "too-many"


class Unavailable(Refused):
    """Something we depend on is away; the same request will work later (503, with Retry-After)."""

    status = 503
    default_code = "unavailable"


class Malformed(Exception):
    """A message nobody can act on: parked at once, with this reason, for an operator to look at."""


class Misconfigured(Exception):
    """The platform cannot start like this; the message says which setting, and what to do."""
