"""Who the log is: its origin, the key it signs with, and the policy under which its checkpoints are published."""

from dataclasses import dataclass
from pathlib import Path

from services.audit.tlog.errors import LogError
from services.audit.tlog.notes import ED25519, SigningKey, VerifierKey
from services.audit.tlog.policies import Policy
from services.kernel import config
from services.kernel.errors import Misconfigured
from services.kernel.keys import LOG_KEY


@dataclass(frozen=True, slots=True)
class Identity:
    """A log: its key, named by its origin, and its policy, read and as it is published."""

    key: SigningKey
    policy: Policy
    policy_text: bytes

    @property
    def origin(self) -> str:
        """Return the first line of its checkpoints, which never changes."""
        return self.key.name


def of_settings() -> Identity:
    """Return who this log is by the settings; raise Misconfigured where key and policy cannot be read or disagree."""
    try:
        key = SigningKey.from_pem(origin(), ED25519, config.secret(LOG_KEY).encode() + b"\n")
        text = _policy(key.verifier)
        policy = Policy.parse(text)
    except LogError as problem:
        raise Misconfigured(
            f"The log's key ({LOG_KEY}) or its policy ({policy_path()}) is not good: {problem}"
        ) from None
    if key.verifier not in {log.key for log in policy.logs}:
        raise Misconfigured(
            f"The policy in {policy_path()} names other logs and not this one. Give it the line `log {key.verifier}`, "
            "or no log at all: then this one is meant."
        )
    return Identity(key, policy, text)


def origin() -> str:
    """Return COUNTERSIGN_LOG_ORIGIN, the log's name for as long as it lives."""
    return str(config.env().str("LOG_ORIGIN", "countersign.local/log"))


def policy_path() -> Path:
    """Return where the policy is: COUNTERSIGN_LOG_POLICY, else `log-policy` beside the folder of secrets."""
    given = config.env().str("LOG_POLICY", "")
    return Path(given) if given else config.secrets_folder().parent / "log-policy"


def _policy(key: VerifierKey) -> bytes:
    """Return the policy's text; where it names no log, this log's line goes before, and without a file no quorum."""
    path = policy_path()
    text = path.read_bytes() if path.exists() else b"quorum none\n"
    if Policy.parse(text).logs:
        return text
    return f"log {key} {config.public_url()}/audit\n".encode() + text
