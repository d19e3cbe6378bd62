"""Commands for campaigns, for what they have of their own, and for the strategy table.

Reading asks the database; what writes goes through the desk when one runs, else straight in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

import click

from agent_desk.clock import SystemClock
from agent_desk.services.campaigns.creation import KINDS, MODES, SCREENINGS, create_campaign
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.running.desk_door import DeskDoor, DeskRefused
from agent_desk.services.strategy.calling_plan import CallingPlanService
from agent_desk.services.strategy.table import StrategyService
from agent_desk.store import instants
from agent_desk.store.lock import is_locked, lock_data_directory
from agent_desk.store.unit_of_work import Database
from config import DeskConfig

ACTOR = "cli"


@click.group("strategy")
def strategy() -> None:
    """How often customers are called by class of delinquency, and the share of the AI."""


@strategy.command("show")
@click.option("--all", "every", is_flag=True, help="Every version, the newest first.")
@click.pass_obj
def show_strategy(config: DeskConfig, every: bool) -> None:
    """Print the table as JSON, in the form `strategy set` takes."""
    service = _strategy(config, readonly=True)
    editions = service.editions() if every else [service.current()]
    plain = [edition.to_plain() for edition in editions]
    click.echo(_json(plain if every else plain[0]))


@strategy.command("set")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.pass_obj
def set_strategy(config: DeskConfig, file: TextIO) -> None:
    """Make the next version of a table that was shown, edited and saved to FILE ('-': stdin)."""
    table = _read(file)
    told = {
        "base": table.get("version"),
        "classes": table.get("classes"),
        "payments": table.get("payments"),
    }
    if not isinstance(told["base"], int) or not isinstance(told["classes"], list):
        raise click.ClickException("the file has no version or no classes")
    if not isinstance(told["payments"], list):
        raise click.ClickException("the file has no payments")
    _write(
        config,
        "/internal/strategy",
        told,
        lambda: _strategy(config).edit(**told, actor=ACTOR),  # type: ignore[arg-type]
    )
    click.echo(f"version {told['base'] + 1}")


@click.command("create-campaign")
@click.argument("name")
@click.option("--product", required=True, help="What it is about, made if missing.")
@click.option("--team", required=True, help="Whose operators work on it, made if missing.")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--mode", type=click.Choice(MODES), default="progressive", show_default=True)
@click.option("--ratio", type=click.FloatRange(1.0, 5.0), default=1.0, show_default=True)
@click.option("--screening", type=click.Choice(SCREENINGS), default="strict", show_default=True)
@click.option("--caller-id", default="", help="Number shown to customers. Default: the trunk's.")
@click.option("--script", type=click.File(encoding="utf-8"), help="What operators read out.")
@click.option("--running", is_flag=True, help="Call at once, not when a lead starts it on /floor.")
@click.pass_obj
def create_campaign_command(
    config: DeskConfig, name: str, product: str, team: str, script: TextIO | None, **columns: Any
) -> None:
    """Create a campaign that lists can be imported into."""
    with lock_data_directory(config.data_dir):
        create_campaign(
            Database(config.database_url),
            name=name,
            product=product,
            team=team,
            script=script.read() if script is not None else "",
            now=datetime.now(UTC),
            **columns,
        )
    click.echo(f"{name} can be given lists")


@click.group("plan")
def plan() -> None:
    """What a campaign has of its own: ladders, operators for VIPs, the AI's share."""


@plan.command("show")
@click.argument("campaign")
@click.pass_obj
def show_plan(config: DeskConfig, campaign: str) -> None:
    """Print it as JSON."""
    click.echo(_json(_plans(config, readonly=True).show(campaign)))


@plan.command("retries")
@click.argument("campaign")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.pass_obj
def set_retries(config: DeskConfig, campaign: str, file: TextIO) -> None:
    """Replace a campaign's waits by those in FILE: {"busy": [15, 120, "next_day"]}, in minutes."""
    told = {"campaign": campaign, "retry": _read(file)}
    _write(
        config,
        "/internal/retries",
        told,
        lambda: _plans(config).set_retry(campaign, told["retry"], actor=ACTOR),  # type: ignore[arg-type]
    )
    click.echo("in force from the next outcome on")


@plan.command("vip-operators")
@click.argument("campaign")
@click.argument("usernames", nargs=-1)
@click.pass_obj
def name_vip_operators(config: DeskConfig, campaign: str, usernames: tuple[str, ...]) -> None:
    """Name who is shown a campaign's VIP customers: these and nobody else."""
    told = {"campaign": campaign, "usernames": list(usernames)}
    _write(
        config,
        "/internal/vip-operators",
        told,
        lambda: _plans(config).name_vip_operators(campaign, usernames, actor=ACTOR),
    )
    click.echo(f"{len(usernames)} named")


@plan.command("human-share")
@click.argument("campaign")
@click.argument("on", type=click.Choice(["on", "off"]))
@click.pass_obj
def set_human_share(config: DeskConfig, campaign: str, on: str) -> None:
    """Leave to the AI the customers the strategy table gives it, or call them all."""
    told = {"campaign": campaign, "on": on == "on"}
    _write(
        config,
        "/internal/human-share",
        told,
        lambda: _plans(config).set_human_share_only(campaign, on == "on", actor=ACTOR),
    )
    click.echo(on)


def _write(
    config: DeskConfig, path: str, told: Mapping[str, Any], directly: Callable[[], object]
) -> None:
    if not is_locked(config.data_dir):
        with lock_data_directory(config.data_dir):
            directly()
        return
    door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
    try:
        door.post(path, told)
    except DeskRefused as refused:
        raise ServiceError(refused.error_id, **refused.details) from None


def _strategy(config: DeskConfig, *, readonly: bool = False) -> StrategyService:
    database = Database(config.database_url, readonly=readonly)
    return StrategyService(database=database, commits=DirectDoor(database), clock=_clock(database))


def _plans(config: DeskConfig, *, readonly: bool = False) -> CallingPlanService:
    database = Database(config.database_url, readonly=readonly)
    return CallingPlanService(
        database=database, commits=DirectDoor(database), clock=_clock(database)
    )


def _clock(database: Database) -> SystemClock:
    """Now, or the newest recorded instant of a shifted clock."""
    with database.read() as session:
        newest = instants.newest(session)
    now = datetime.now(UTC)
    return SystemClock(start=max(newest or now, now), anchor=None)


def _read(file: TextIO) -> dict[str, Any]:
    try:
        found = json.load(file)
    except ValueError as bad:
        raise click.ClickException(f"not JSON: {bad}") from None
    if not isinstance(found, dict):
        raise click.ClickException("a JSON object is needed")
    return found


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
