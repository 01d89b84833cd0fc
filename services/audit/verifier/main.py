"""The command line of `countersign-verify`: exit 0 for good, 1 for tampered, 2 for what cannot be checked."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from typing import NoReturn

from services.audit.verifier import following, one_proof, prefixes, whole_bundle
from services.audit.verifier.verdicts import GOOD, TAMPERED, UNUSABLE, Good, Tampered, Unusable
from services.audit.verifier.whole_tree import Progress

DESCRIPTION = "Check a record of Countersign on your own machine, without asking anybody."
EPILOG = "Exit 0: good. 1: tampered, or an alarm. 2: the input cannot be used, and nothing is said about the record."


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Do what the command line says, say what was found in a sentence, and leave with the exit code for it."""
    asked = _parser().parse_args(arguments)
    try:
        code = _answered(asked)
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads: say nothing at the end either
        code = 141
    sys.exit(code)


def _answered(asked: argparse.Namespace) -> int:
    while True:
        code = _once(asked)
        if asked.mode != "follow" or asked.once or (code == TAMPERED and not asked.alarmed):
            return code
        time.sleep(asked.every)


def _once(asked: argparse.Namespace) -> int:
    """Check once, and say what was found."""
    asked.alarmed = False
    try:
        good = _checked(asked)
        _say("\n".join([f"GOOD. {good.sentence}", *good.notes]))
        return GOOD
    except following.Alarm as alarm:
        asked.alarmed = True
        _say(f"ALARM. {alarm}")
        return TAMPERED
    except Tampered as problem:
        _say(f"TAMPERED. {problem}")
        return TAMPERED
    except Unusable as problem:
        _complain(f"UNUSABLE. {problem}")
    except (MemoryError, RecursionError):
        _complain("UNUSABLE. The input is made so that it cannot be read with the memory of this machine.")
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as problem:  # whatever the input is, nobody is shown a trace
        _complain(f"UNUSABLE. This tool did not expect such an input ({problem!r}). Please report it with the file.")
    return UNUSABLE


def _checked(asked: argparse.Namespace) -> Good:
    if asked.mode == "proof":
        return one_proof.verified(asked.file, asked.policy, asked.log)
    if asked.mode == "bundle":
        return whole_bundle.verified(asked.place, asked.policy, asked.log, asked.checkpoint, _progress())
    if asked.mode == "consistency":
        return prefixes.verified(asked.old, asked.new, asked.tiles, asked.policy, asked.log)
    return following.looked(asked.address, asked.keep, asked.policy, asked.log)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="countersign-verify", description=DESCRIPTION, epilog=EPILOG)
    modes = parser.add_subparsers(dest="mode", required=True, metavar="MODE")
    proof = modes.add_parser("proof", help="one entry: a .tlog-proof file", epilog=EPILOG)
    proof.add_argument("file", metavar="FILE")
    bundle = modes.add_parser("bundle", help="an evidence bundle: everything up to its checkpoint", epilog=EPILOG)
    bundle.add_argument("place", metavar="DIR|ZIP")
    bundle.add_argument("--checkpoint", metavar="FILE", help="the three lines you kept, to compare")
    consistency = modes.add_parser("consistency", help="two checkpoints: does one continue the other?", epilog=EPILOG)
    consistency.add_argument("old", metavar="OLD")
    consistency.add_argument("new", metavar="NEW")
    consistency.add_argument("--tiles", metavar="PLACE", help="where the hashes are: a bundle, a folder, or an address")
    follow = modes.add_parser("follow", help="a log in use: does it only ever grow?", epilog=EPILOG)
    follow.add_argument("address", metavar="URL", help="such as https://countersign.example/audit")
    follow.add_argument("--keep", metavar="DIR", default="countersign-kept", help="what was seen last (%(default)s)")
    often = follow.add_mutually_exclusive_group()
    often.add_argument("--once", action="store_true", help="look once, instead of again and again")
    often.add_argument("--every", metavar="SECONDS", type=_seconds, default=60, help="how often (%(default)s)")
    for mode in (proof, bundle, consistency, follow):
        mode.add_argument("--policy", metavar="FILE", help="the keys to rely on, from somebody you trust")
        mode.add_argument("--log", metavar="KEY", help="the key of the log: name+id+key")
    return parser


def _seconds(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 86_400:
        raise argparse.ArgumentTypeError("say a number of seconds from 1 to 86400")
    return int(text)


def _progress() -> Progress:
    """Return what shows how far it is, where somebody looks at a terminal."""
    if not sys.stderr.isatty():
        return lambda *_: None

    def show(done: int, of: int) -> None:
        end = "\r\x1b[K" if done >= of else ""
        sys.stderr.write(f"\r{100 * done // max(of, 1)} % {end}")
        sys.stderr.flush()

    return show


def _say(text: str) -> None:
    print(_printable(text, sys.stdout.encoding), flush=True)


def _complain(text: str) -> None:
    print(_printable(text, sys.stderr.encoding), file=sys.stderr, flush=True)


def _printable(text: str, encoding: str | None) -> str:
    """Return a text as a terminal can show it: what an input makes it say controls no terminal."""
    shown = "".join(c if c == "\n" or c.isprintable() else ascii(c)[1:-1] for c in text)
    return shown.encode(encoding or "utf-8", "backslashreplace").decode(encoding or "utf-8")


if __name__ == "__main__":
    main()
