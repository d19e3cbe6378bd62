"""Commands about dialing ahead of operators: who answers for what abandoned calls hear."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from agent_desk.cli_approvers import check_both, two_people
from agent_desk.services.dialing.safe_harbours import (
    SHIPPED,
    SHIPPED_TEXT,
    Heard,
    approve_directly,
    check_text,
    examine,
)
from agent_desk.services.errors import ServiceError
from agent_desk.services.people.approvers import require_approver
from agent_desk.services.running.desk_door import DeskDoor, DeskRefused
from agent_desk.store import instants
from agent_desk.store.campaigns import campaigns
from agent_desk.store.lock import is_locked, lock_data_directory
from agent_desk.store.unit_of_work import Database
from config import DeskConfig


@click.command("approve-safe-harbour")
@click.argument("campaign")
@two_people
@click.option(
    "--file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The WAV file the gateways play (PROMPT_DIR). Default: the one that is shipped.",
)
@click.option("--text", help="What is said in it; needed with --file.")
@click.pass_obj
def approve_safe_harbour(
    config: DeskConfig,
    campaign: str,
    brought_by: str,
    by: str,
    password: str,
    file: Path | None,
    text: str | None,
) -> None:
    """Approve the recording that abandoned calls of a campaign hear.

    Nobody is called ahead of operators before. Through the desk when one is running here, else
    straight into the database.
    """
    heard = examine(file or SHIPPED)
    said = check_text(text or ("" if file is not None else SHIPPED_TEXT))
    check_both(config, brought_by=brought_by, by=by, password=password)
    told = {"campaign": campaign, "text": said, "by": by, "brought_by": brought_by, **vars(heard)}
    if not _through_desk(config, "/internal/safe-harbours", told):
        _decide_directly(config, campaign, heard, said, by=by, brought_by=brought_by)
    click.echo(f"approved for {campaign}: {heard.sha256}")


@click.command("withdraw-safe-harbour")
@click.argument("campaign")
@click.option("--by", required=True, help="Username of who decides it.")
@click.pass_obj
def withdraw_safe_harbour(config: DeskConfig, campaign: str, by: str) -> None:
    """Approve no recording for abandoned calls of a campaign any more.

    From the next call on nobody is called ahead of operators.
    """
    told = {"campaign": campaign, "by": by}
    if not _through_desk(config, "/internal/safe-harbours/withdraw", told):
        _decide_directly(config, campaign, None, "", by=by)
    click.echo(f"withdrawn for {campaign}")


def _through_desk(config: DeskConfig, path: str, told: Mapping[str, Any]) -> bool:
    """Whether a desk runs here, and did it."""
    if not is_locked(config.data_dir):
        return False
    door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
    try:
        door.post(path, told)
    except DeskRefused as refused:
        raise ServiceError(refused.error_id, **refused.details) from None
    return True


def _decide_directly(
    config: DeskConfig,
    campaign: str,
    heard: Heard | None,
    text: str,
    *,
    by: str,
    brought_by: str = "",
) -> None:
    with lock_data_directory(config.data_dir), Database(config.database_url).write() as session:
        found = campaigns.by_name(session, campaign)
        if found is None:
            raise ServiceError("not-in-scope", campaign=campaign)
        require_approver(session, by)
        # A shifted clock may be ahead of ours: no approval lies before what it let happen.
        now = max(instants.newest(session) or datetime.now(UTC), datetime.now(UTC))
        approve_directly(session, found[0], heard, text, actor=by, at=now, brought_by=brought_by)
