"""Commands for back-ups: taking one while the desk runs, and putting one back elsewhere."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from agent_desk.services.backups.following import Follower
from agent_desk.services.backups.manifest import ManifestUnusable
from agent_desk.services.backups.restoring import restore_backup, settle
from agent_desk.services.backups.restoring_followed import is_followed, restore_followed
from agent_desk.services.backups.taking import BackupRefused, take_backup
from agent_desk.store.backups.generations import GenerationDamaged
from agent_desk.store.backups.postgresql_dump import ToolFailed
from agent_desk.store.backups.sqlite_copy import CopyDamaged
from agent_desk.store.invariants.violation import Violation
from agent_desk.store.lock import lock_data_directory
from agent_desk.store.unit_of_work import Database
from config import DeskConfig


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--with-keys", is_flag=True, help="Put the keys into the backup: it then opens.")
@click.option("--with-recordings", is_flag=True, help="Copy the recordings, not only their list.")
@click.option("--follow", is_flag=True, help="Go on copying what is committed, until stopped.")
@click.option(
    "--every",
    type=click.FloatRange(0.1, 60),
    default=1.0,
    show_default=True,
    help="With --follow: how often to look, in seconds.",
)
@click.option(
    "--keep-hours",
    type=click.FloatRange(min=0),
    default=48.0,
    show_default=True,
    help="With --follow: how far back it can be restored.",
)
@click.pass_obj
def backup(
    config: DeskConfig,
    folder: Path,
    with_keys: bool,
    with_recordings: bool,
    follow: bool,
    every: float,
    keep_hours: float,
) -> None:
    """Back everything up into a new FOLDER; the desk may run.

    With --follow, into a FOLDER that may be one already, second by second.
    """
    with _explained():
        if follow:
            _follow(config, folder, with_keys=with_keys, every_s=every, keep_hours=keep_hours)
            return
        made = take_backup(
            config,
            folder,
            now=lambda: datetime.now(UTC),
            with_keys=with_keys,
            with_recordings=with_recordings,
        )
    rows = sum(each.rows for each in made.tables.values())
    size = sum(each.bytes for each in made.files.values())
    click.echo(f"{folder}: {rows} rows in {len(made.tables)} tables, {size / 1e6:.1f} MB")
    click.echo(f"as of {made.began_at}; schema {made.schema}")
    if not made.keys_included:
        click.echo("The keys are not in it. Without them nobody can read it: keep them elsewhere.")
    if made.recordings and not made.recordings_included:
        click.echo(
            f"{made.recordings} recordings are listed in recordings.sha256 and not copied: "
            f"copy {config.recording_dir}."
        )


def _follow(
    config: DeskConfig, folder: Path, *, with_keys: bool, every_s: float, keep_hours: float
) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    Follower(
        config,
        folder,
        now=lambda: datetime.now(UTC),
        tell=lambda sentence: click.echo(f"{datetime.now(UTC):%FT%TZ} {sentence}", err=True),
        with_keys=with_keys,
        kept=timedelta(hours=keep_hours),
    ).run(stopping, every_s=every_s)


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), required=True, help="A new directory.")
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The keys.json, if it was kept apart and the environment has no keys.",
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]),
    help="Of a followed backup: the last moment not after this one (UTC), not the newest.",
)
@click.pass_obj
def restore(
    environ: Mapping[str, str], folder: Path, into: Path, keys: Path | None, at: datetime | None
) -> None:
    """Put the backup FOLDER back into a data directory that holds nothing, and prove it.

    With PostgreSQL, DESK_DATABASE_URL names a database without tables.
    """
    with _explained():
        if is_followed(folder):
            moment = None if at is None else at.replace(tzinfo=UTC)
            done = restore_followed(folder, into, environ, keys=keys, at=moment)
        elif at is None:
            done = restore_backup(folder, into, environ, keys=keys)
        else:
            raise click.ClickException("--at is for a backup made with --follow")
    click.echo(f"{into}: {done.rows} rows in {done.tables} tables are those backed up")
    click.echo(f"It is the desk of {done.as_of}. Calls, promises and refusals made later are")
    click.echo("  not in it: enter the refusals again (`block`) before anybody is called.")
    click.echo(f"  {done.stopped} campaigns were stopped; a lead starts them again on /floor.")
    if done.recordings:
        click.echo(
            f"  Copy the recordings to {done.config.recording_dir}, then there: "
            f"sha256sum --check {done.recording_list.resolve()}"
        )
    click.echo("Then restart every gateway and start the desk with")
    click.echo(f"  DESK_DATA_DIR={into} python -m agent_desk")
    _tell_verdict(done.violations)


@click.command("settle")
@click.pass_obj
def settle_command(config: DeskConfig) -> None:
    """Make a database safe to start that other tools put back, and prove it.

    As after `restore`: every campaign is stopped, and gateways that knew a later desk obey.
    """
    database = Database(config.database_url)
    with lock_data_directory(config.data_dir):
        stopped, violations = settle(database, config, backup="another tool's")
    click.echo(f"{stopped} campaigns were stopped. Enter the refusals made later again (`block`)")
    click.echo("  and restart every gateway; a lead starts the campaigns again on /floor.")
    _tell_verdict(violations)


def _tell_verdict(violations: Sequence[Violation]) -> None:
    """Each violation, with exit code 1 if there is any."""
    for violation in violations:
        click.echo(f"{violation.invariant}: {violation.text}: {', '.join(violation.ids)}")
    if violations:
        raise SystemExit(1)
    click.echo("audit: no violation")


@contextmanager
def _explained() -> Iterator[None]:
    """What can be said no to, in words."""
    try:
        yield
    except (
        *(BackupRefused, ManifestUnusable, GenerationDamaged),
        *(ToolFailed, CopyDamaged, OSError),
    ) as refused:
        raise click.ClickException(str(refused)) from None
