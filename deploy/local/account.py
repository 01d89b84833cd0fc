"""Who runs the private servers and where their data lies: never root, and where that account can reach it."""

import grp
import hashlib
import os
import pwd
import secrets
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "countersign"


class CannotStart(Exception):
    """A private server cannot be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user that private servers run as."""

    uid: int
    gid: int

    def run(
        self, *command: str | Path, env: dict[str, str] | None = None, text: str = "", check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as this user with `text` as its input; CannotStart with its last words when it fails."""
        words = [str(word) for word in command]
        other = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.uid != os.geteuid() else {}
        done = subprocess.run(  # type: ignore[call-overload]
            words, env=_environment(env), input=text, capture_output=True, text=True, cwd="/", check=False, **other
        )
        if check and done.returncode:
            last = (done.stderr or done.stdout).strip()[-500:]
            raise CannotStart(f"{Path(words[0]).name} failed: {last}")
        return done  # type: ignore[no-any-return]

    def spawn(self, log: Path, *command: str | Path, env: dict[str, str] | None = None) -> int:
        """Start a command in a session of its own, nobody's child and so nobody's zombie; answers its pid."""
        script = 'log=$1; shift; setsid "$@" >>"$log" 2>&1 </dev/null & echo $!'
        return int(self.run("sh", "-c", script, "sh", log, *command, env=env).stdout)

    def folder(self, path: Path, mode: int = 0o700) -> Path:
        """Make a folder of this user's own, closed to others."""
        path.mkdir(mode=mode, parents=True, exist_ok=True)
        os.chown(path, self.uid, self.gid)
        path.chmod(mode)
        return path

    def write(self, path: Path, text: str) -> Path:
        """Write a file that only this user (and root) can read."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(descriptor, 0o600)
            os.fchown(descriptor, self.uid, self.gid)
            file.write(text)
        return path

    def password(self, path: Path) -> str:
        """The random password kept at this path, made the first time."""
        if not path.exists():
            self.write(path, secrets.token_urlsafe(24))
        return path.read_text()


def server_account() -> Account:
    """Ourselves, or, when we are root, the system user `countersign`, made the first time."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        print(f"The servers do not run as root: making the system user '{SYSTEM_USER}' for them.", file=sys.stderr)
        _make_system_user()
        entry = pwd.getpwnam(SYSTEM_USER)
    return Account(entry.pw_uid, entry.pw_gid)


def server_home(folder: Path, account: Account) -> Path:
    """Where the servers of a folder keep their data: inside it or, where their account cannot get in, under /var/lib.

    A checkout under /root is the usual reason: nobody but root may walk through /root, and the servers are not root.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if account.uid == os.geteuid() or _open_to_all(folder):
        return account.folder(folder / "servers")
    home = account.folder(Path(f"/var/lib/{SYSTEM_USER}-{short_hash(folder)}"))
    link = folder / "servers"
    if not link.is_symlink():
        print(f"The servers' account cannot enter {folder}: their data is in {home}.", file=sys.stderr)
        link.symlink_to(home)
    return home


def short_hash(folder: Path) -> str:
    """Eight characters that tell one checkout's servers from another's."""
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]


def _open_to_all(folder: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (folder, *folder.parents))


def _make_system_user() -> None:
    exists = any(group.gr_name == SYSTEM_USER for group in grp.getgrall())
    group = ["--gid", SYSTEM_USER] if exists else ["--user-group"]
    command = ["useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    try:
        subprocess.run([*command, *group, SYSTEM_USER], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        detail = str(getattr(error, "stderr", "") or error).strip()
        raise CannotStart(
            f"cannot make the system user '{SYSTEM_USER}' ({detail}): make it by hand, or run as an ordinary user"
        ) from None


def _environment(extra: dict[str, str] | None) -> dict[str, str]:
    path = os.environ.get("PATH", "/usr/bin:/bin")
    return {"PATH": f"{path}:/usr/sbin:/sbin", "LANG": "C.UTF-8", "HOME": "/nonexistent", **(extra or {})}
