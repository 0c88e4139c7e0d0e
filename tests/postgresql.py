"""A PostgreSQL of the tests' own: in a folder that goes with it, on a socket that no one else sees.

python -m tests.postgresql    says where it is; make test runs this first, and it sets one up
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ADVICE = (
    "There is no PostgreSQL for the tests and none could be set up: install it (on Debian: "
    "sudo apt-get install postgresql), or put initdb and pg_ctl into PATH."
)


def find() -> Path | None:
    """The folder with initdb and pg_ctl; Debian keeps one per version, out of PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    on_path = shutil.which("initdb")
    folders = [*reversed(debian), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((each for each in folders if (each / "initdb").is_file()), None)


def install() -> None:
    """By apt, where that is possible without a question."""
    as_root = [] if os.getuid() == 0 else ["sudo", "-n"]
    if not all(map(shutil.which, ["apt-get", *as_root[:1]])):
        return
    apt = [*as_root, "/usr/bin/env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    apt += ["-o", "Acquire::Retries=5", "-o", "DPkg::Lock::Timeout=120"]
    for words in (["update"], ["install", "--no-install-recommends", "-y", "postgresql"]):
        subprocess.run([*apt, *words], check=False, stdin=subprocess.DEVNULL, timeout=600)


class Cluster:
    """A running PostgreSQL."""

    def __init__(self, folder: Path) -> None:
        binaries = find()
        assert binaries is not None, ADVICE
        self._binaries, self._folder = binaries, folder
        # PostgreSQL refuses to run as root.
        self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if os.getuid() != 0:
            self._as_user = []
        else:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._run("initdb", "-A", "trust", "-U", "surgeon", "-E", "UTF8", "--no-sync")
        self.start()

    def database(self, name: str) -> str:
        """Make a database; its address."""
        words = ["-h", str(self._folder), "-U", "surgeon", name]
        subprocess.run([self._binaries / "createdb", *words], check=True)
        return f"postgresql://surgeon@/{name}?host={self._folder}"

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -c fsync=off"
        self._run("pg_ctl", "-w", "-o", options, "-l", str(self._folder / "log"), "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *words: str) -> None:
        command = [*self._as_user, str(self._binaries / program), "-D", str(self._folder / "data")]
        done = subprocess.run(
            [*command, *words], cwd=self._folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        assert done.returncode == 0, done.stdout.decode()


@contextmanager
def cluster() -> Iterator[Cluster]:
    # A socket's path may have a hundred characters, fewer than pytest's folders have.
    with TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        running = Cluster(Path(folder))
        try:
            yield running
        finally:
            running.stop()


def main() -> int:
    if find() is None:
        install()
    found = find()
    print(f"PostgreSQL: {found}" if found else ADVICE)  # noqa: T201
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
