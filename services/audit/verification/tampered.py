"""The verdict that something is not what it was."""


class Tampered(Exception):
    """The log is not what it says it is. `idx` is the first bad entry, or None where no single one can be named."""

    def __init__(self, idx: int | None, what: str) -> None:
        super().__init__(what if idx is None else f"Entry {idx:,}: {what}")
        self.idx = idx
