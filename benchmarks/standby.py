"""What a dead PostgreSQL server loses beside `pg_receivewal`, and how it comes back (F39).

    python -m benchmarks.standby [--kills 3] [--rate 50] [--seconds 5] [--synchronous]

The recipe of docs/deploy.md, word for word, on servers of its own: a slot, the log received as it
is written, a base backup; then the server is killed (kill -9) while it is written to. A second one
is made of the copy and the log, `settle` proves it and makes it safe to start. Lost is the time
from the first commit that is not in it to the kill. Needs PostgreSQL's programs; loopback only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from benchmarks.backup import Writer, command
from config import DeskConfig
from tests.ports import free_tcp_port
from tests.postgresql_cluster import binaries
from tests.waiting import START_S, until

PROMISED_LOSS_S = 5.0
RECOVERING = text("SELECT pg_is_in_recovery()")
WRITTEN = text("SELECT count(*) FROM audit WHERE action = 'bench.row'")


class MortalWriter(Writer):
    """One whose server dies."""

    def _work(self) -> None:
        with suppress(OperationalError):
            super()._work()


class Server:
    """A PostgreSQL server of a folder, on a port of its own; durable as a real one."""

    def __init__(self, folder: Path) -> None:
        found = binaries()
        if found is None:
            raise SystemExit("PostgreSQL is not installed")
        self.bin, self.folder, self.port = found, folder, free_tcp_port()
        # The server refuses root.
        self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if os.geteuid() != 0:
            self.as_user = []
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql+psycopg2://desk@127.0.0.1:{self.port}/desk"

    def run(self, program: str, *words: str) -> None:
        """One of PostgreSQL's programs, which must succeed."""
        subprocess.run([*self.as_user, str(self.bin / program), *words], check=True, cwd="/")

    def start(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        """One that goes on."""
        dying = [*(self.as_user or ["setpriv"]), "--pdeathsig=KILL"]
        with self.folder.with_suffix(".log").open("ab") as log:
            return subprocess.Popen([*dying, str(self.bin / program), *words], stderr=log, cwd="/")

    def initialise(self) -> None:
        """With a role that may read the log, and the desk's database."""
        words = ("--username=desk", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self.run("initdb", f"--pgdata={self.folder}", *words)
        self.serve()
        self.run("createdb", *self.place("desk"), "desk")
        sql = "CREATE ROLE standby LOGIN REPLICATION"
        self.run("psql", *self.place("desk"), "--quiet", f"--command={sql}", "desk")

    def serve(self) -> None:
        """Until it answers."""
        options = ("-h", "127.0.0.1", "-p", str(self.port), "-k", "")
        self._process = self.start("postgres", "-D", str(self.folder), *options)
        probe = [str(self.bin / "pg_isready"), "--quiet", *self.place("desk")]
        until(
            lambda: subprocess.run(probe, check=False).returncode == 0,
            within_s=START_S,
            what="PostgreSQL answers",
        )

    def place(self, who: str) -> tuple[str, ...]:
        """The words by which its programs find it."""
        return ("--host=127.0.0.1", f"--port={self.port}", f"--username={who}")

    def end(self, how: signal.Signals) -> None:
        """SIGKILL: as a machine that dies; its children see that and end."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None


def put_back(second: Server, base: Path, log: Path) -> None:
    """The second server out of a base backup and the log, as docs/deploy.md says."""
    shutil.copytree(base, second.folder)
    for partial in log.glob("*.partial"):
        partial.rename(partial.with_suffix(""))
    settings = (
        f"restore_command = 'cp {log}/%f %p'\n",
        "synchronous_standby_names = ''\n",
    )
    with (second.folder / "postgresql.auto.conf").open("a") as file:
        file.writelines(settings)
    (second.folder / "recovery.signal").touch()
    for path in [second.folder, *second.folder.rglob("*")]:
        if second.as_user:
            shutil.chown(path, "postgres", "postgres")
    second.folder.chmod(0o700)
    second.serve()
    database = Database(second.url)
    with database.read() as session:
        until(lambda: not session.scalar(RECOVERING), within_s=START_S, what="all of the log")
    database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--rate", type=float, default=50.0)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--synchronous", action="store_true", help="commits wait for the copy")
    options = parser.parse_args()
    lost: list[float] = []
    back: dict[str, list[float]] = {}
    for _ in range(options.kills):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o777)  # the servers are another user
            first, second = Server(folder / "first"), Server(folder / "second")
            try:
                lost_s, took = drill(folder, first, second, options)
            finally:
                second.end(signal.SIGQUIT)
                first.end(signal.SIGQUIT)
        lost.append(lost_s)
        for what, took_s in took.items():
            back.setdefault(what, []).append(took_s)
    kept = max(lost) <= PROMISED_LOSS_S
    print("\n| s | median | worst | promised | ok |")
    print("|---|---|---|---|---|")
    worst = f"{median(lost):.2f} | {max(lost):.2f} | ≤ {PROMISED_LOSS_S:g}"
    print(f"| lost with the server | {worst} | {'yes' if kept else 'no'} |")
    for what, each in back.items():
        print(f"| {what} | {median(each):.1f} | {max(each):.1f} | | |")
    raise SystemExit(not kept)


def drill(
    folder: Path, first: Server, second: Server, options: argparse.Namespace
) -> tuple[float, dict[str, float]]:
    """Seconds lost, and what coming back took."""
    base, log, data = folder / "base", folder / "log", folder / "data"
    for made in (log, data):
        made.mkdir()
        made.chmod(0o777)
    first.initialise()
    environ = {**os.environ, "DESK_DATA_DIR": str(data), "DESK_DATABASE_URL": first.url}
    DeskConfig.from_environ(environ)  # makes the keys
    database = Database(first.url)
    schema.upgrade(database)
    place, slot = first.place("standby"), "--slot=agent_desk"
    first.run("pg_receivewal", *place, slot, "--create-slot", "--if-not-exists")
    receiver = first.start("pg_receivewal", *place, slot, "--synchronous", f"--directory={log}")
    if options.synchronous:
        sql = "ALTER SYSTEM SET synchronous_standby_names = 'pg_receivewal'"
        first.run("psql", *first.place("desk"), "--quiet", f"--command={sql}", "desk")
        first.run("pg_ctl", "reload", "--silent", f"--pgdata={first.folder}")
    writer = MortalWriter(database, options.rate)
    first.run("pg_basebackup", *place, "--checkpoint=fast", f"--pgdata={base}")
    time.sleep(options.seconds)  # pace: it is written to, and followed
    killed_at = time.monotonic()
    first.end(signal.SIGKILL)
    writer.stop()
    receiver.terminate()
    receiver.wait()
    began = time.monotonic()
    put_back(second, base, log)
    back = {"copy and log put together": time.monotonic() - began}
    proved = command({**environ, "DESK_DATABASE_URL": second.url}, "settle")
    back["settle, with every check"] = proved.wall_s
    again = Database(second.url)
    with again.read() as session:
        rest = writer.committed[int(session.scalar(WRITTEN) or 0) :]
    again.close()
    database.close()
    print(f"{len(writer.committed)} commits, {len(rest)} of them lost", flush=True)
    return (max(0.0, killed_at - rest[0][0]) if rest else 0.0), back


if __name__ == "__main__":
    main()
