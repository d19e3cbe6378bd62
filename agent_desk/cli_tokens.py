"""Commands for other systems: tokens of `/api/v1`, and payments from a file.

What writes goes through the desk when one is running here, else straight into the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from agent_desk.cli_rules import ask_rules
from agent_desk.clock import SystemClock
from agent_desk.services.api.payment_files import enter
from agent_desk.services.api.requests import TOKEN_REQUESTS
from agent_desk.services.api.tokens import SCOPES, TokenService, state_of
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.running.desk_door import DeskDoor, DeskRefused
from agent_desk.services.told import Told
from agent_desk.store.lock import is_locked, lock_data_directory
from agent_desk.store.unit_of_work import Database
from config import DeskConfig

EVERY = 10_000  # tokens a list on the terminal may have


@click.group("tokens")
def tokens() -> None:
    """Keys by which other systems use /api/v1."""


@tokens.command("create")
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True)
@click.option("--team", "teams", multiple=True, help="For this team's customers only.")
@click.option("--days", type=int, default=90, show_default=True, help="Until it ends; at most 365.")
@click.pass_obj
def create(
    config: DeskConfig, name: str, scopes: tuple[str, ...], teams: tuple[str, ...], days: int
) -> None:
    """Make a token for the system NAME and print it: it is not to be had again."""
    told = {"name": name, "scopes": ",".join(scopes), "teams": ",".join(teams), "days": days}
    click.echo(_ask(config, "make", told)["token"])


@tokens.command("list")
@click.pass_obj
def show(config: DeskConfig) -> None:
    """Print every token: id, state, how it begins, name, scopes and end."""
    database = Database(config.database_url, readonly=True)
    now = datetime.now(UTC)
    for row in _service(database).every(most=EVERY):
        ends = row.expires_at.date().isoformat()
        scopes = ",".join(sorted(row.scopes))
        click.echo(f"{row.id} {state_of(row, now)} {row.shown}… {row.name} {scopes} {ends}")


@tokens.command("revoke")
@click.argument("token_id", type=int)
@click.pass_obj
def revoke(config: DeskConfig, token_id: int) -> None:
    """End the token TOKEN_ID at once."""
    _ask(config, "revoke", {"id": token_id})
    click.echo("revoked")


@click.command("record-payments")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="Where the payments' ids come from.")
@click.pass_obj
def record_payments(config: DeskConfig, file: Path, source: str) -> None:
    """Enter the payments of a CSV file; rows that were entered before change nothing.

    Columns: 顧客番号, 入金額, 入金日, 入金番号; also 商品, 債権番号, and 取消 to take one back.
    """
    found = enter(
        file.read_bytes(),
        source=source,
        ask=lambda name, told: ask_rules(config, name, dict(told)),
    )
    click.echo(
        f"{found.entered} entered, {found.reversed} taken back, {found.again} known already, "
        f"{len(found.refused)} refused"
    )
    for row in found.refused:
        click.echo(f"row {row.row_no}: {row.error_id}", err=True)
    if found.refused:
        raise SystemExit(1)


def _ask(config: DeskConfig, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    if not is_locked(config.data_dir):
        with lock_data_directory(config.data_dir):
            return TOKEN_REQUESTS[name](_service(Database(config.database_url)), Told(told))
    door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
    try:
        return door.tell(f"/internal/tokens/{name}", told)
    except DeskRefused as refused:
        raise ServiceError(refused.error_id, **refused.details) from None


def _service(database: Database) -> TokenService:
    return TokenService(
        database=database,
        commits=DirectDoor(database),
        clock=SystemClock(start=datetime.now(UTC), anchor=None),
    )
