"""Two people answer for a recording on the command line too: who brings it, and who approves it.

Whoever has the terminal can write any name, so the second one types their own password.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from agent_desk.services.errors import ServiceError
from agent_desk.services.people import passwords
from agent_desk.services.people.approvers import require_approver, require_two
from agent_desk.store.people import accounts
from agent_desk.store.unit_of_work import Database
from config import DeskConfig

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--brought-by", required=True, help="Username of who made or chose it."),
    click.option("--by", required=True, help="Username of who heard it and answers for it."),
    click.option(
        "--password",
        prompt="Password of who answers for it",
        hide_input=True,
        help="Of --by; asked for when it is not given.",
    ),
)


def two_people(command: Command) -> Command:
    """The options `--brought-by`, `--by` and `--password`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def check_both(config: DeskConfig, *, brought_by: str, by: str, password: str) -> None:
    """ServiceError message-own, approver-unknown or password-wrong."""
    database = Database(config.database_url)
    try:
        with database.read() as session:
            require_two(brought_by, by)
            require_approver(session, brought_by)
            require_approver(session, by)
            found = accounts.by_username(session, by)
    finally:
        database.close()
    if found is None or not passwords.fits(found.password_hash, password):
        raise ServiceError("password-wrong")
