"""Commands about what answering machines are told: who answers for which recording."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from agent_desk.cli_approvers import check_both, two_people
from agent_desk.services.campaigns.messages import LONGEST_MS, Wording, check, decide_directly
from agent_desk.services.dialing.safe_harbours import Heard, examine
from agent_desk.services.errors import ServiceError
from agent_desk.services.running.desk_door import DeskDoor, DeskRefused
from agent_desk.store import instants
from agent_desk.store.lock import is_locked, lock_data_directory
from agent_desk.store.unit_of_work import Database
from config import DeskConfig


@click.command("approve-message")
@click.argument("campaign")
@two_people
@click.option(
    "--file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The WAV file the gateways hold in PROMPT_DIR/messages.",
)
@click.option("--text", required=True, help="What is said in it, word for word.")
@click.option("--name", required=True, help="The name of who calls, as it is said.")
@click.option("--number", required=True, help="The number to call back, as it is said.")
@click.pass_obj
def approve_message(
    config: DeskConfig,
    campaign: str,
    brought_by: str,
    by: str,
    password: str,
    file: Path,
    text: str,
    name: str,
    number: str,
) -> None:
    """Approve what operators of a campaign may leave on answering machines.

    None may before. Through the desk when one is running here, else straight into the database.
    """
    heard, wording = examine(file, longest_ms=LONGEST_MS), Wording(text, name, number)
    check(wording)
    check_both(config, brought_by=brought_by, by=by, password=password)
    _decide(config, campaign, heard, wording, by=by, brought_by=brought_by)
    click.echo(f"approved for {campaign}: {heard.sha256}")


@click.command("withdraw-message")
@click.argument("campaign")
@click.option("--by", required=True, help="Username of who decides it.")
@click.pass_obj
def withdraw_message(config: DeskConfig, campaign: str, by: str) -> None:
    """Let nothing be left on answering machines of a campaign any more."""
    _decide(config, campaign, None, None, by=by)
    click.echo(f"withdrawn for {campaign}")


def _decide(
    config: DeskConfig,
    campaign: str,
    heard: Heard | None,
    wording: Wording | None,
    *,
    by: str,
    brought_by: str = "",
) -> None:
    if is_locked(config.data_dir):
        told: dict[str, Any] = {"campaign": campaign, "by": by}
        if heard is not None and wording is not None:
            told |= {**vars(heard), **vars(wording), "brought_by": brought_by}
        door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
        try:
            door.post("/internal/messages" if heard else "/internal/messages/withdraw", told)
        except DeskRefused as refused:
            raise ServiceError(refused.error_id, **refused.details) from None
        return
    with lock_data_directory(config.data_dir), Database(config.database_url).write() as session:
        # A shifted clock may be ahead of ours: no approval lies before what it let happen.
        now = max(instants.newest(session) or datetime.now(UTC), datetime.now(UTC))
        decide_directly(session, campaign, heard, wording, actor=by, at=now, brought_by=brought_by)
