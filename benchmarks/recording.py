"""The SQL statements that a request runs, so that a floor can run the very same."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from services.kernel.db import Transaction

Statement = tuple[bytes, Any]
Recorded = list[list[Statement]]
"""The statements of each transaction, in order."""


@contextmanager
def recording() -> Iterator[Recorded]:
    """Note every statement that is run inside the block, transaction by transaction."""
    found: Recorded = []
    seen: list[Transaction] = []
    execute = Transaction.execute

    def noted(tx: Transaction, statement: str, params: Any = None) -> Any:
        if not any(tx is known for known in seen):
            seen.append(tx)
            found.append([])
        found[-1].append((statement.encode(), params))
        return execute(tx, statement, params)

    with patch.object(Transaction, "execute", noted):
        yield found
