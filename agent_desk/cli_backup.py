"""Commands for back-ups: taking one while the desk runs, and putting one back elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from agent_desk.services.backups.manifest import ManifestUnusable
from agent_desk.services.backups.restoring import restore_backup
from agent_desk.services.backups.taking import BackupRefused, take_backup
from agent_desk.store.backups.postgresql_dump import ToolFailed
from agent_desk.store.backups.sqlite_copy import CopyDamaged
from config import DeskConfig


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--with-keys", is_flag=True, help="Put the keys into the backup: it then opens.")
@click.option("--with-recordings", is_flag=True, help="Copy the recordings, not only their list.")
@click.pass_obj
def backup(config: DeskConfig, folder: Path, with_keys: bool, with_recordings: bool) -> None:
    """Back everything up into a new FOLDER; the desk may run."""
    with _explained():
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


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--into", type=click.Path(path_type=Path), required=True, help="A new directory.")
@click.option(
    "--keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The keys.json, if it was kept apart and the environment has no keys.",
)
@click.pass_obj
def restore(environ: Mapping[str, str], folder: Path, into: Path, keys: Path | None) -> None:
    """Put the backup FOLDER back into a data directory that holds nothing, and prove it.

    With PostgreSQL, DESK_DATABASE_URL names a database without tables.
    """
    with _explained():
        done = restore_backup(folder, into, environ, keys=keys)
    told = done.manifest
    click.echo(f"{into}: {done.rows} rows in {len(told.tables)} tables are those backed up")
    click.echo(f"It is the desk of {told.began_at}. Calls, promises and refusals made later are")
    click.echo("  not in it: enter the refusals again (`block`) before anybody is called.")
    click.echo(f"  {done.stopped} campaigns were stopped; a lead starts them again on /floor.")
    if told.recordings and not told.recordings_included:
        click.echo(
            f"  Copy the recordings to {done.config.recording_dir}, then there: "
            f"sha256sum --check {folder.resolve() / 'recordings.sha256'}"
        )
    click.echo("Then restart every gateway and start the desk with")
    click.echo(f"  DESK_DATA_DIR={into} python -m agent_desk")
    if done.violations:
        for violation in done.violations:
            click.echo(f"{violation.invariant}: {violation.text}: {', '.join(violation.ids)}")
        raise SystemExit(1)
    click.echo("audit: no violation")


@contextmanager
def _explained() -> Iterator[None]:
    """What can be said no to, in words."""
    try:
        yield
    except (BackupRefused, ManifestUnusable, ToolFailed, CopyDamaged, OSError) as refused:
        raise click.ClickException(str(refused)) from None
