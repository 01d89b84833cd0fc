"""Session tokens: JSON Web Tokens signed with Ed25519 by accounts alone; the others hold the public half of the key."""

from functools import lru_cache
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import OKPKey

from services.kernel import config, keys
from services.kernel.errors import Misconfigured

ALGORITHM = "Ed25519"  # RFC 9864; EdDSA is its old name


def sign(claims: dict[str, object]) -> str:
    """Return the signed token of these claims."""
    return jwt.encode({"alg": ALGORITHM}, claims, _key(config.secrets_folder() / keys.PRIVATE), algorithms=[ALGORITHM])


@lru_cache(maxsize=4)
def _key(path: Path) -> OKPKey:
    try:
        return OKPKey.import_key(path.read_bytes())
    except OSError as problem:
        raise Misconfigured(
            f"The key that signs sessions cannot be read ({problem}): run `countersign migrate`, or mount it at {path}."
        ) from problem
