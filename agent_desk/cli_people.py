"""Commands for people who cannot get in: through the desk when one runs here, else directly."""

from __future__ import annotations

import json
from typing import Any

import click

from agent_desk.clock import SystemClock
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.people.access import AccessSettings
from agent_desk.services.people.administration import UserAdministration
from agent_desk.services.people.rescue import Rescue
from agent_desk.services.people.roles import ROLES
from agent_desk.services.people.second_factors import SecondFactors
from agent_desk.services.running.desk_door import DeskDoor, DeskRefused
from agent_desk.store.lock import is_locked, lock_data_directory
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import DeskConfig


@click.group("people")
def people() -> None:
    """Help somebody in who is locked out; an administrator too."""


@people.command("reset-password")
@click.argument("username")
@click.pass_obj
def reset_password(config: DeskConfig, username: str) -> None:
    """Print a temporary password, to be replaced at the first log-in; ends their sessions."""
    click.echo(_ask(config, "reset-password", username))


@people.command("remove-second-factor")
@click.argument("username")
@click.pass_obj
def remove_second_factor(config: DeskConfig, username: str) -> None:
    """Ask for the password alone: the authenticator is lost."""
    click.echo(_ask(config, "remove-second-factor", username))


@people.command("enable")
@click.argument("username")
@click.pass_obj
def enable(config: DeskConfig, username: str) -> None:
    """Let somebody in who was kept out."""
    click.echo(_ask(config, "enable", username))


@people.command("open-access")
@click.argument("role", type=click.Choice(ROLES))
@click.pass_obj
def open_access(config: DeskConfig, role: str) -> None:
    """Let a role log in from every address: the list of addresses was wrong."""
    click.echo(_ask(config, "open-access", role))


def _ask(config: DeskConfig, verb: str, whom: str) -> str:
    if is_locked(config.data_dir):
        door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
        try:
            told = json.loads(door.post(f"/internal/people/{verb}", {"whom": whom}))
        except DeskRefused as refused:
            raise ServiceError(refused.error_id, **refused.details) from None
        return str(told["line"])
    with lock_data_directory(config.data_dir):
        return _rescue(config).verbs[verb](whom)


def _rescue(config: DeskConfig) -> Rescue:
    """The same on the database itself: there are no sockets to close and no tiles to rename."""
    database = Database(config.database_url)
    base: dict[str, Any] = {
        "database": database,
        "commits": DirectDoor(database),
        "clock": SystemClock(start=None, anchor=None),
    }
    return Rescue(
        commits=base["commits"],
        clock=base["clock"],
        access=AccessSettings(**base),
        administration=UserAdministration(
            **base,
            renamed=lambda: None,
            cut=lambda user_id: None,
            departs=lambda username: None,
            moved=lambda username, team_id: None,
        ),
        factors=SecondFactors(**base, sealer=Sealer.of_keys(config.data_keys, config.index_key)),
    )
