"""The witness of a local platform: a second party on the same machine, to see how it is when there is one.

In earnest somebody else runs it, on a machine that is not ours (docs/operations.md).
"""

from pathlib import Path

from services.kernel import config

NAME = "countersign.local/witness"
OURS = "# written by `countersign` for the witness of the local platform\n"


def port() -> int | None:
    """Return the port of the local witness, None where there is none."""
    found: int | None = config.env().int("WITNESS_PORT", None)
    return found


def settle(home: Path, origin: str | None = None) -> None:
    """Make the local witness, have it witness our log, and have our policy ask for it, where nothing of ours is there.

    A policy that somebody wrote is left as it is. Before `countersign migrate` has made the log's key, do nothing.
    """
    if (here := port()) is None:
        return
    from services.audit.signing import identity
    from services.audit.tlog.notes import ED25519, SigningKey
    from services.audit.witness import folder as folders
    from services.kernel.keys import LOG_KEY

    if not (key := config.secrets_folder() / LOG_KEY).exists():
        return
    log = SigningKey.from_pem(origin or identity.origin(), ED25519, key.read_bytes())
    witness = folders.begin(home / "witness", NAME, [str(log.verifier)])
    policy, path = OURS + witness.policy(f"http://127.0.0.1:{here}"), identity.policy_path()
    if not path.exists() or path.read_text("utf-8", "replace").startswith(OURS):
        path.write_text(policy)
