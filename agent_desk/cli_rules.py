"""Commands for the calling rules: payments, holds, overrides, consents, refusals, wishes.

Each goes through the desk when one is running here, so that it takes effect at once, else straight
into the database. Ends are dates (to the end of that Japanese day) or instants with their offset.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click

from agent_desk.clock import SystemClock
from agent_desk.services.actor import CLI
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import DirectDoor
from agent_desk.services.rules.holds import REASONS
from agent_desk.services.rules.overrides import CONSENTS
from agent_desk.services.rules.requests import REQUESTS
from agent_desk.services.rules.use_cases import rule_services
from agent_desk.services.running.desk_door import DeskDoor, DeskRefused
from agent_desk.services.told import Told
from agent_desk.store import instants
from agent_desk.store.lock import is_locked, lock_data_directory
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import DeskConfig


@dataclass(frozen=True)
class Ground:
    """What the services of one command stand on."""

    database: Database
    sealer: Sealer
    clock: SystemClock


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@click.command("record-payment")
@click.argument("customer")
@click.option("--amount", "amount_yen", type=int, required=True, help="Yen received.")
@click.option("--paid-on", required=True, metavar="DATE")
@click.option("--id", "payment_id", required=True, help="The payment's id where it comes from.")
@click.option("--source", default="cli", show_default=True, help="Where it comes from.")
@click.option("--product", default="", help="What the debt is about, if there are several.")
@click.option("--debt", default="", help="The debt's id, if there are several.")
@click.pass_obj
def record_payment(config: DeskConfig, **told: Any) -> None:
    """Enter a payment of a CUSTOMER (顧客番号 or #id); what it settles is not called any more."""
    answer = ask_rules(config, "payments", told)
    again = " (it was entered before)" if answer["again"] else ""
    click.echo(f"debt {answer['debt']}: {'closed' if answer['closed'] else 'entered'}{again}")


@click.group("rules")
def rules() -> None:
    """Holds, overrides and refusals. A CUSTOMER is named by 顧客番号 or #id."""


@rules.command("hold")
@click.argument("customer")
@click.option("--reason", type=click.Choice(REASONS), required=True)
@click.option("--until", help="Needed for bereavement, hospital and disaster.")
@click.option("--document", default="", help="Id of the lawyer's or court's paper.")
@click.pass_obj
def hold(config: DeskConfig, **told: Any) -> None:
    """Leave a CUSTOMER alone from now on; calls on their way end."""
    click.echo(f"hold {ask_rules(config, 'holds', told)['id']}")


@rules.command("release")
@click.argument("hold_id", type=int)
@click.option("--area", is_flag=True, help="It is the hold of an area.")
@click.pass_obj
def release(config: DeskConfig, hold_id: int, area: bool) -> None:
    """End the hold HOLD_ID."""
    ask_rules(config, "area-holds/release" if area else "holds/release", {"id": hold_id})
    click.echo("released")


@rules.command("hold-area")
@click.argument("kind", type=click.Choice(["prefecture", "city", "postcode", "number_prefix"]))
@click.argument("value")
@click.option("--reason", required=True)
@click.option("--until", required=True)
@click.pass_obj
def hold_area(config: DeskConfig, **told: Any) -> None:
    """Call nobody in a prefecture, city or postcode, or at numbers that begin so."""
    click.echo(f"hold {ask_rules(config, 'area-holds', told)['id']}")


@rules.command("refuse")
@click.argument("customer")
@click.option("--product", required=True)
@click.option("--reason", required=True)
@click.pass_obj
def refuse(config: DeskConfig, **told: Any) -> None:
    """Do not solicit a CUSTOMER for a product again."""
    click.echo(f"do-not-call {ask_rules(config, 'refusals', told)['id']}")


@rules.command("override")
@click.argument("rule")
@click.argument("subject", type=click.Choice(["customer", "number", "campaign", "area"]))
@click.argument("whom")
@click.option("--reason", required=True)
@click.option("--until", required=True)
@click.option("--by-hand", "manual_only", is_flag=True, help="Only for calls dialed by hand.")
@click.pass_obj
def override(config: DeskConfig, **told: Any) -> None:
    """Set a RULE aside (R10, …) for a customer, number, campaign, or kind:value of an area."""
    click.echo(f"override {ask_rules(config, 'overrides', told)['id']}")


@rules.command("lift")
@click.argument("override_id", type=int)
@click.pass_obj
def lift(config: DeskConfig, override_id: int) -> None:
    """Take the override OVERRIDE_ID back."""
    ask_rules(config, "overrides/lift", {"id": override_id})
    click.echo("lifted")


@rules.command("consent")
@click.argument("customer")
@click.argument("kind", type=click.Choice(CONSENTS))
@click.option("--evidence", default="", help="Id of the call or paper it was given in.")
@click.option("--withdraw", is_flag=True, help="The customer agrees no more.")
@click.pass_obj
def consent(config: DeskConfig, customer: str, kind: str, evidence: str, withdraw: bool) -> None:
    """Note what a CUSTOMER agreed to."""
    told = {"customer": customer, "kind": kind}
    if withdraw:
        ask_rules(config, "consents/withdraw", told)
        click.echo("withdrawn")
    else:
        click.echo(f"consent {ask_rules(config, 'consents', {**told, 'evidence': evidence})['id']}")


@rules.command("wish")
@click.argument("customer")
@click.option("--hours", metavar="HH:MM-HH:MM", help="Only between these times.")
@click.option("--days", metavar="mon,tue,…", help="Only on these days.")
@click.option("--ends-on", metavar="DATE", help="Until then.")
@click.pass_obj
def wish(
    config: DeskConfig, customer: str, hours: str | None, days: str | None, ends_on: str | None
) -> None:
    """Note when a CUSTOMER wants to be called; without hours and days the wish is taken back."""
    told: dict[str, Any] = {"customer": customer, "ends_on": ends_on}
    if hours is not None:
        told["from_minute"], told["until_minute"] = _minutes(hours)
    if days is not None:
        told["weekdays"] = [_weekday(day) for day in days.split(",")]
    ask_rules(config, "contact-wishes", told)
    click.echo("noted")


@rules.command("vip")
@click.argument("customer")
@click.argument("on", type=click.Choice(["on", "off"]))
@click.pass_obj
def vip(config: DeskConfig, customer: str, on: str) -> None:
    """Let only people call a CUSTOMER, one at a time; or end that."""
    ask_rules(config, "vips", {"customer": customer, "on": on == "on"})
    click.echo(on)


@rules.command("set")
@click.argument("campaign")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE…")
@click.pass_obj
def set_limits(config: DeskConfig, campaign: str, values: tuple[str, ...]) -> None:
    """Set a campaign's spacing_minutes, weekly_cap, total_cap, total_days, closed_on_holidays or
    reg_f.

    Values are JSON: numbers, true, false, and null for what its kind has.
    """
    told: dict[str, Any] = {"campaign": campaign}
    for each in values:
        name, _, value = each.partition("=")
        try:
            told[name] = json.loads(value)
        except ValueError:
            raise click.ClickException(f"{each}: not NAME=VALUE with a JSON value") from None
    ask_rules(config, "campaign-rules", told)
    click.echo("in force from the next call on")


def ask_rules(config: DeskConfig, name: str, told: dict[str, Any]) -> dict[str, Any]:
    """One of the requests of `services/rules/requests.py`; ServiceError when it is refused."""
    if not is_locked(config.data_dir):
        with lock_data_directory(config.data_dir):
            return _directly(config, name, told)
    door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
    try:
        answer: dict[str, Any] = json.loads(door.post(f"/internal/rules/{name}", told))
    except DeskRefused as refused:
        raise ServiceError(refused.error_id, **refused.details) from None
    return answer


def _directly(config: DeskConfig, name: str, told: dict[str, Any]) -> dict[str, Any]:
    database = Database(config.database_url)
    with database.read() as session:
        newest = instants.newest(session)
    now = datetime.now(UTC)
    ground = Ground(
        database,
        Sealer.of_keys(config.data_keys, config.index_key),
        SystemClock(start=max(newest or now, now), anchor=None),
    )
    services = rule_services(ground, DirectDoor(database), practice=config.practice)
    return REQUESTS[name](services, Told(told), CLI)


def _minutes(hours: str) -> tuple[int, int]:
    try:
        first, last = (
            60 * int(hour) + int(minute)
            for hour, minute in (part.split(":") for part in hours.split("-"))
        )
    except ValueError:
        raise click.ClickException("hours are HH:MM-HH:MM") from None
    return first, last


def _weekday(day: str) -> int:
    if day.strip().lower() not in DAYS:
        raise click.ClickException(f"days are {', '.join(DAYS)}")
    return DAYS.index(day.strip().lower())
