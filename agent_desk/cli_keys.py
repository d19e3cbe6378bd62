"""The command that seals everything with the newest key and makes the look-up hashes anew."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import click

from agent_desk.clock import SystemClock
from agent_desk.services.customers.rotation import Progress, Rotation, name_of
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.running.desk_door import DeskDoor
from agent_desk.store import instants, rotation
from agent_desk.store.lock import is_locked, lock_data_directory
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import DeskConfig

OTHER_KEYS = (
    "the desk runs with other keys. For another DESK_DATA_KEY start it anew with new,old and run"
    " this again. For another DESK_INDEX_KEY the desk must be stopped: stop it, run this with the"
    " new key, and start the desk with that key when this says that every row was looked at"
)


@click.command("rotate-keys")
@click.pass_obj
def rotate_keys(config: DeskConfig) -> None:
    """Seal all personal data with the first of DESK_DATA_KEY and make the look-up hashes anew.

    Start the desk with DESK_DATA_KEY=new,old first; it works on meanwhile. To change
    DESK_INDEX_KEY the desk must be stopped: hashes can only be compared where all were made with
    one key, and no desk starts before the last one is made. May be interrupted, killed too, and
    begun again at any time; when it says so, the old key can be taken out.
    """
    sealer = Sealer.of_keys(config.data_keys, config.index_key)
    if is_locked(config.data_dir):
        door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
        _go_through(lambda: Progress(**json.loads(door.post("/internal/keys/step", {}))), sealer)
    else:
        with lock_data_directory(config.data_dir):
            _go_through(_directly(config, sealer), sealer)
    with Database(config.database_url, readonly=True).read() as session:
        left = rotation.stale(session, sealer)
    if left:
        listed = ", ".join(f"{table} {count}" for table, count in left.items())
        raise click.ClickException(f"still sealed with another key: {listed}; run it again")
    click.echo("every row was looked at: older keys of DESK_DATA_KEY can be taken out")


def _directly(config: DeskConfig, sealer: Sealer) -> Callable[[], Progress]:
    database = Database(config.database_url)
    with database.read() as session:
        newest = instants.newest(session)
    now = datetime.now(UTC)
    clock = SystemClock(start=max(newest or now, now), anchor=None)
    return Rotation(
        database=database, sealer=sealer, commits=DirectDoor(database), clock=clock
    ).step


def _go_through(step: Callable[[], Progress], sealer: Sealer) -> None:
    looked_at: Counter[str] = Counter()
    while True:
        done = step()
        if done.key != name_of(sealer):
            raise click.ClickException(OTHER_KEYS)
        if not done.part:
            break
        if not looked_at[done.part] and done.rows:
            click.echo(f"{done.part} …")
        looked_at[done.part] += done.rows
    for part, rows in looked_at.items():
        click.echo(f"{part}: {rows}")
