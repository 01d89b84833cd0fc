"""Building the verifier's one file: each module becomes a function that returns its names, in the order of use.

The same sources give the same bytes. What a module says stays as it is written, only further to the right; so whoever
wants to know what the tool does reads one file from top to bottom.
"""

import ast
import io
import tokenize
from hashlib import sha256
from importlib.resources import files
from textwrap import dedent

NAME = "countersign-verify.py"
PACKAGE = "services.audit"
FOLDERS = {"tlog": files("services.audit.tlog"), "verifier": files("services.audit.verifier")}
FIRST = "verifier.main"
HEADER = dedent('''\
    #!/usr/bin/env python3
    # SPDX-License-Identifier: Apache-2.0
    """countersign-verify: check a record of Countersign on your own machine, without asking anybody.

    It needs Python 3.9 or newer and the package `cryptography` (python3 -m pip install cryptography).
    `python3 countersign-verify.py --help` says what it can check. This file is built from `services/audit/tlog` and
    `services/audit/verifier` of Countersign; the same sources always give the same file.
    """

    from __future__ import annotations

    from types import SimpleNamespace


    def module(names):
        """Let a part of this file be used by its name."""
        return SimpleNamespace(**names)
    ''')
FOOTER = dedent("""\


    if __name__ == "__main__":
        verifier_main.main()
    """)


def built() -> bytes:
    """Return the one file."""
    parts = [_part(name, *_source(name)) for name in _in_order()]
    return "".join([HEADER, *parts, FOOTER]).encode()


def digest() -> str:
    """Return the SHA-256 of the one file, in hexadecimal: what an auditor compares theirs with."""
    return sha256(built()).hexdigest()


def _source(name: str) -> tuple[str, ast.Module]:
    folder, _, module = name.rpartition(".")
    text = FOLDERS[folder].joinpath(f"{module}.py").read_text("utf-8")
    return text, ast.parse(text, filename=name)


def _in_order() -> list[str]:
    """Return the modules that the tool needs, each after those it imports."""
    found: list[str] = []

    def visit(name: str) -> None:
        for needed in _imported(_source(name)[1]):
            if needed not in found:
                visit(needed)
        found.append(name)

    visit(FIRST)
    return found


def _imported(parsed: ast.Module) -> list[str]:
    return [name for node in parsed.body if isinstance(node, ast.ImportFrom) for name in _ours(node)]


def _ours(node: ast.ImportFrom) -> list[str]:
    """Return the modules of ours that a statement imports, or imports from: `tlog.tree`."""
    room = (node.module or "").removeprefix(f"{PACKAGE}.")
    if room == node.module:
        return []
    return [f"{room}.{alias.name}" for alias in node.names] if room in FOLDERS else [room]


def _part(name: str, text: str, parsed: ast.Module) -> str:
    """Return a module as a function that is called once."""
    within, replaced = _inside_of_texts(text), _replaced(parsed)
    body: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        for said in replaced.get(number, [line]):
            body.append(said if number in within or not said.strip() else f"    {said}")
    made, joined = "\n".join(body).strip("\n"), name.replace(".", "_")
    return f"\n\ndef _{joined}():\n{made}\n\n    return module(locals())\n\n\n{joined} = _{joined}()\n"


def _replaced(parsed: ast.Module) -> dict[int, list[str]]:
    """Return what to put in the place of lines: of imports of ours, and nothing for `from __future__`."""
    found: dict[int, list[str]] = {}
    for node in parsed.body:
        if isinstance(node, ast.ImportFrom) and (node.module == "__future__" or _ours(node)):
            found |= {number: [] for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
            found[node.lineno] = _named_anew(node)
    return found


def _named_anew(node: ast.ImportFrom) -> list[str]:
    """Return the assignments that do what an import of ours did."""
    if node.module == "__future__":
        return []
    room = (node.module or "").removeprefix(f"{PACKAGE}.").replace(".", "_")
    dot = "_" if room in FOLDERS else "."
    return [f"{alias.asname or alias.name} = {room}{dot}{alias.name}" for alias in node.names]


def _inside_of_texts(text: str) -> set[int]:
    """Return the lines that begin inside of a text of several lines, which must not be moved."""
    kinds = (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))  # the second: Python 3.12 and newer
    texts = [token for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type in kinds]
    return {line for token in texts for line in range(token.start[0] + 1, token.end[0] + 1)}
