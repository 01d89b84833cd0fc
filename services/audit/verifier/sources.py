"""Where a bundle or a log's public files are read from: a folder, a zip, an address. Nothing is unpacked or run."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from http.client import HTTPException
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from services.audit.verifier.verdicts import Unusable

LIMIT = 1_000_000  # bytes of a file, where no other limit is given
MOST_FILES = 4_000_000  # in a zip: those of 500 million entries
WAIT = 20  # seconds for an answer
SCHEMES = ("http", "https")
# What a file can do to whoever reads it; a zip that is encrypted or packed in an unknown way is a RuntimeError.
_DAMAGE = (OSError, EOFError, HTTPException, zipfile.BadZipFile, zlib.error, RuntimeError, ValueError)


class Missing(Unusable):
    """A file that has to be there is not."""

    def __init__(self, path: str, where: str) -> None:
        super().__init__(f"{where} has no {path}.")
        self.path = path


class Source:
    """Files by their paths within a bundle, such as `tile/0/000`."""

    where = ""

    def read(self, path: str, limit: int = LIMIT) -> bytes:
        """Return a file's bytes; Missing where it is not there, Unusable where it is longer than `limit`."""
        with self.opened(path) as file:
            try:
                data = file.read(limit + 1)
            except _DAMAGE as problem:
                raise Unusable(f"{path} in {self.where} cannot be read: {problem}.") from None
        if len(data) > limit:
            raise Unusable(f"{path} in {self.where} is longer than {limit:,} bytes: no such file is in a bundle.")
        return data

    def lines(self, path: str, limit: int = LIMIT) -> Iterator[bytes]:
        """Yield a file's lines, without their newlines; Unusable where one is longer than `limit`."""
        with self.opened(path) as file:
            try:
                while True:
                    line = file.readline(limit + 1)
                    if not line:
                        return
                    if len(line) > limit:
                        raise Unusable(f"{path} in {self.where} has a line longer than {limit:,} bytes.")
                    yield line.rstrip(b"\r\n")
            except _DAMAGE as problem:
                raise Unusable(f"{path} in {self.where} cannot be read: {problem}.") from None

    def opened(self, path: str) -> IO[bytes]:
        """Open a file to read; Missing where it is not there."""
        raise Missing(path, self.where)


class Folder(Source):
    """A bundle that was unpacked, or the public folder of a log."""

    def __init__(self, path: str) -> None:
        self.path, self.where = path, f"The folder {path}"

    def opened(self, path: str) -> IO[bytes]:
        """Open a file to read."""
        whole = os.path.join(self.path, *path.split("/"))
        try:
            if not stat.S_ISREG(os.stat(whole).st_mode):
                raise Unusable(f"{path} in {self.where} is no file.")
            return open(whole, "rb")
        except (FileNotFoundError, NotADirectoryError):
            raise Missing(path, self.where) from None
        except OSError as problem:
            raise Unusable(f"{path} in {self.where} cannot be read: {problem.strerror}.") from None


class Archive(Source):
    """A bundle as it was downloaded. Files are read where they lie; a name can lead nowhere else."""

    def __init__(self, path: str) -> None:
        self.where = f"The zip {path}"
        try:
            self.zip = zipfile.ZipFile(path)
        except _DAMAGE as problem:
            raise Unusable(f"{path} is no zip that can be read: {problem}. Download it again.") from None
        self._check_names(self.zip.namelist())

    def _check_names(self, names: list[str]) -> None:
        if len(names) > MOST_FILES:
            raise Unusable(f"{self.where} holds {len(names):,} files, and no bundle has so many.")
        seen = set()
        for name in names:
            if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
                raise Unusable(f"{self.where} holds {name!r}, a name that leads out of it. Do not unpack it.")
            if name in seen:
                raise Unusable(f"{self.where} holds {name!r} twice; it is not clear which one counts.")
            seen.add(name)

    def opened(self, path: str) -> IO[bytes]:
        """Open a file to read."""
        try:
            return self.zip.open(path)
        except KeyError:
            raise Missing(path, self.where) from None
        except _DAMAGE as problem:
            raise Unusable(f"{path} in {self.where} cannot be read: {problem}.") from None


class Site(Source):
    """The public files of a log, at the address that ends with `/audit`."""

    def __init__(self, address: str) -> None:
        if not _is_address(address):
            raise Unusable(f"{address} is no address of a record: it is like https://countersign.example/audit.")
        self.address, self.where = address.rstrip("/"), address

    def opened(self, path: str) -> IO[bytes]:
        """Open a file to read."""
        request = Request(f"{self.address}/{path}", headers={"User-Agent": "countersign-verify"})
        try:
            answer: IO[bytes] = urlopen(request, timeout=WAIT)
            return answer
        except HTTPError as problem:
            problem.close()
            if problem.code == 404:
                raise Missing(path, self.where) from None
            raise Unusable(f"{self.address}/{path} answers {problem.code} ({problem.reason}).") from None
        except _DAMAGE as problem:
            raise Unusable(f"{self.address} does not answer: {getattr(problem, 'reason', problem)}.") from None


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # a bracket of an IPv6 address that is not closed
        return False
    return parts.scheme in SCHEMES and bool(parts.netloc)


def source(place: str) -> Source:
    """Return what is at a place: an address that begins with http, a folder or a zip."""
    return Site(place) if place.lower().startswith(tuple(f"{scheme}:" for scheme in SCHEMES)) else bundle(place)


def bundle(place: str) -> Source:
    """Return the bundle at a place: a folder or a zip."""
    if os.path.isdir(place):
        return Folder(place)
    if not os.path.exists(place):
        raise Unusable(f"There is no {place}.")
    return Archive(place)


def file(path: str, what: str) -> bytes:
    """Return the bytes of one file that was named on the command line."""
    try:
        with open(path, "rb") as opened:
            data = opened.read(LIMIT + 1)
    except OSError as problem:
        raise Unusable(f"{what} {path} cannot be read: {problem.strerror}.") from None
    if len(data) > LIMIT:
        raise Unusable(f"{what} {path} is longer than {LIMIT:,} bytes, which none is.")
    return data
