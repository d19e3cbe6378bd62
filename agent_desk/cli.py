"""The command line: what an administrator or the supervisor asks of the database directly.

Never monkey-patched. Whatever writes takes the data directory's lock first, so it is refused
while a desk is running on it; `audit` and `clock-start` only read and work at any time. A command
answers 0 when it did what was asked, 1 with a sentence on stderr when it did not.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError, ProgrammingError

from agent_desk import (
    cli_backup,
    cli_deploy,
    cli_errors,
    cli_keys,
    cli_messages,
    cli_pacing,
    cli_people,
    cli_plans,
    cli_rules,
    cli_tokens,
)
from agent_desk.catalogue import translate
from agent_desk.clock import SystemClock
from agent_desk.services.demo.past_weeks import Recordings, add_past_weeks
from agent_desk.services.demo.reset import reset_demo
from agent_desk.services.demo.seed import DemoRefused, refuse_demo_rows, seed_demo
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import DirectDoor, Summary, import_file
from agent_desk.services.lists.import_through_desk import import_through_desk
from agent_desk.services.people.new_users import create_user
from agent_desk.services.people.roles import ROLES
from agent_desk.services.rules.do_not_call import DoNotCallService
from agent_desk.services.running.business_start import next_business_start
from agent_desk.services.running.desk_door import DeskAway, DeskDoor, DeskRefused
from agent_desk.store import audit as audit_trail
from agent_desk.store import instants, schema
from agent_desk.store.invariants import questions as invariants
from agent_desk.store.lock import DataDirectoryLocked, is_locked, lock_data_directory
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import ConfigError, DeskConfig

SCHEMA_HINT = "Run: make migrate"


@click.group(no_args_is_help=True)
@click.pass_context
def commands(context: click.Context) -> None:
    """Agent Desk: database, users, lists and checks. Without a command the desk is served."""
    if context.obj is None and context.invoked_subcommand == "restore":
        context.obj = os.environ  # it names a data directory of its own, and makes its settings
    elif context.obj is None:
        context.obj = DeskConfig.from_environ(os.environ)


@commands.command()
def up() -> None:
    """Prepare the database, then start and watch every part until Ctrl-C."""
    from agent_desk import supervisor

    raise SystemExit(supervisor.run(os.environ))


@commands.command()
@click.option("--down", metavar="REVISION", help="Undo down to this revision ('base': all).")
@click.pass_obj
def migrate(config: DeskConfig, down: str | None) -> None:
    """Bring the database to the newest schema, or back to an older one."""
    with lock_data_directory(config.data_dir):
        database = Database(config.database_url)
        if down is None:
            schema.upgrade(database)
        else:
            schema.downgrade(database, down)
        click.echo(f"schema: {schema.revision(database) or 'empty'}")


@commands.command()
@click.option("--past-weeks", is_flag=True, help="A new demo has two weeks of talks behind it.")
@click.pass_obj
def prepare(config: DeskConfig, past_weeks: bool) -> None:
    """Migrate, seed the demo for practice, and print {"clock_start": …} as the last line."""
    with lock_data_directory(config.data_dir):
        database = Database(config.database_url)
        schema.upgrade(database)
        start = None
        if not config.own_practice_carrier:
            refuse_demo_rows(database)
        elif config.loopback and not config.trusted_proxies:
            made = seed_demo(database, _sealer(config), now=datetime.now(UTC), loopback=True)
            if made and past_weeks:
                _add_past_weeks(database, config)
            start = _clock_start(database)
    click.echo(json.dumps({"clock_start": start and start.isoformat()}))


@commands.command("seed-demo")
@click.pass_obj
def seed_demo_command(config: DeskConfig) -> None:
    """Create fictional customers, two campaigns and the demo accounts; nothing if they exist."""
    if not config.own_practice_carrier:
        raise DemoRefused("demo customers may be called through the practice carrier only")
    with lock_data_directory(config.data_dir):
        done = seed_demo(
            Database(config.database_url),
            _sealer(config),
            now=datetime.now(UTC),
            loopback=config.loopback and not config.trusted_proxies,
        )
    click.echo("seeded" if done else "the demo is there already")


@commands.command("reset-demo")
@click.pass_obj
def reset_demo_command(config: DeskConfig) -> None:
    """Remove the demo's people, calls and recordings; the next start makes them anew."""
    if not config.own_practice_carrier:
        raise DemoRefused("SIP_TRUNK or SIP_TRUNKS is set: there is no demo here")
    done = reset_demo(config.data_dir, config.database_url)
    click.echo("the next start makes a fresh demo" if done else "there is no demo here")


@commands.command("clock-start")
@click.pass_obj
def clock_start(config: DeskConfig) -> None:
    """Print the instant at which a demonstration's business time should start."""
    click.echo(_clock_start(Database(config.database_url, readonly=True)).isoformat())


@commands.command("import-list")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--campaign", required=True, help="Name of the campaign that calls the list.")
@click.option("--list", "list_name", required=True, help="Name of the list, made if missing.")
@click.option("--errors", type=click.Path(path_type=Path), help="Where to write refused rows.")
@click.pass_obj
def import_list(
    config: DeskConfig, file: Path, campaign: str, list_name: str, errors: Path | None
) -> None:
    """Import customers from a CSV or TSV file (UTF-8, CP932 or EUC-JP).

    Through the desk when one is running here, else straight into the database.
    """
    if is_locked(config.data_dir):
        door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
        summary = import_through_desk(
            door, file, campaign=campaign, list_name=list_name, pause=time.sleep
        )
    else:
        summary = _import_directly(config, file, campaign=campaign, list_name=list_name)
    click.echo(
        f"{summary.rows_total} rows: {summary.added} added, {summary.updated} updated, "
        f"{summary.duplicates} duplicates, {summary.errors} refused"
    )
    if summary.errors:
        target = errors or file.with_suffix(".errors.csv")
        target.write_bytes(summary.error_file)
        click.echo(f"refused rows with their reasons: {target}")


@commands.command()
@click.argument("number")
@click.option("--reason", required=True, help="Why nobody may call it.")
@click.pass_obj
def block(config: DeskConfig, number: str, reason: str) -> None:
    """Put a number on the do-not-call list; calls on their way to it end at once.

    Through the desk when one is running here, else straight into the database.
    """
    if is_locked(config.data_dir):
        _tell_desk(config, "/internal/do-not-call", number=number, reason=reason)
    else:
        with lock_data_directory(config.data_dir):
            _do_not_call(config).block_number(number, reason=reason, actor="cli")
    click.echo("blocked")


@commands.command()
@click.argument("number")
@click.pass_obj
def unblock(config: DeskConfig, number: str) -> None:
    """Take a number off the do-not-call list."""
    if is_locked(config.data_dir):
        _tell_desk(config, "/internal/do-not-call/lift", number=number)
    else:
        with lock_data_directory(config.data_dir):
            _do_not_call(config).lift_number(number, actor="cli")
    click.echo("may be called again")


@commands.command()
@click.pass_obj
def audit(config: DeskConfig) -> None:
    """Check the invariants rows can tell of; print each violation and exit 1 if one is broken."""
    from agent_desk.services.reports import fact_checks  # no other command needs numpy

    database = Database(config.database_url, readonly=True)
    heads = audit_trail.read_heads(config.data_dir / audit_trail.HEAD_LOG)
    with database.read() as session:
        found = invariants.check(session)
        found += invariants.check_audit_chain(session, config.audit_key, heads)
        found += fact_checks.check(config.data_dir / "facts", session, _sealer(config))
    for violation in found:
        click.echo(f"{violation.invariant}: {violation.text}: {', '.join(violation.ids)}")
    if found:
        raise SystemExit(1)
    click.echo(f"{len(invariants.CHECKS) + 1} checks, no violation")


@commands.command("create-user")
@click.argument("username")
@click.option("--name", required=True, help="The person's name as others see it.")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--team", help="Name of the team, made if missing.")
@click.password_option()
@click.pass_obj
def create_user_command(
    config: DeskConfig, username: str, name: str, role: str, team: str | None, password: str
) -> None:
    """Create a person who can log in; asks for the password."""
    with lock_data_directory(config.data_dir):
        create_user(
            Database(config.database_url),
            username=username,
            name=name,
            role=role,
            team=team,
            password=password,
            now=datetime.now(UTC),
        )
    click.echo(f"{username} can log in")


commands.add_command(cli_backup.backup)
commands.add_command(cli_backup.restore)
commands.add_command(cli_backup.settle_command)
commands.add_command(cli_deploy.drain)
commands.add_command(cli_keys.rotate_keys)
commands.add_command(cli_pacing.approve_safe_harbour)
commands.add_command(cli_pacing.withdraw_safe_harbour)
commands.add_command(cli_messages.approve_message)
commands.add_command(cli_messages.withdraw_message)
commands.add_command(cli_people.people)
commands.add_command(cli_plans.strategy)
commands.add_command(cli_plans.plan)
commands.add_command(cli_plans.create_campaign_command)
commands.add_command(cli_rules.record_payment)
commands.add_command(cli_rules.rules)
commands.add_command(cli_tokens.tokens)
commands.add_command(cli_tokens.record_payments)


def main(argv: Sequence[str]) -> int:
    """Run one command; the exit code for the shell."""
    locale = cli_errors.locale_of(os.environ)
    try:
        commands(args=list(argv), prog_name="python -m agent_desk", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 1
    except ServiceError as error:
        sys.stderr.write(f"{cli_errors.sentence(error, locale=locale)}\n")
        return 1
    except DeskAway as error:
        sys.stderr.write(f"{translate('cli.desk_away', locale=locale, reason=error)}\n")
        return 1
    except (ConfigError, DataDirectoryLocked, DemoRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (OperationalError, ProgrammingError) as error:
        sys.stderr.write(f"{error.orig}\n{SCHEMA_HINT}\n")
        return 1
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 1
    return 0


def _import_directly(config: DeskConfig, file: Path, *, campaign: str, list_name: str) -> Summary:
    with lock_data_directory(config.data_dir):
        return import_file(
            Database(config.database_url),
            _sealer(config),
            file,
            campaign=campaign,
            list_name=list_name,
            data_dir=config.data_dir,
            practice=config.practice,
            now=datetime.now(UTC),
        )


def _tell_desk(config: DeskConfig, path: str, **told: str | int) -> None:
    door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
    try:
        door.post(path, told)
    except DeskRefused as refused:
        raise ServiceError(refused.error_id, **refused.details) from None


def _do_not_call(config: DeskConfig) -> DoNotCallService:
    database = Database(config.database_url)
    return DoNotCallService(
        database=database,
        sealer=_sealer(config),
        commits=DirectDoor(database),
        clock=SystemClock(start=_now_after(database), anchor=None),
        practice=config.practice,
    )


def _now_after(database: Database) -> datetime:
    """Now, or the newest recorded instant of a shifted clock: a block never predates its calls."""
    with database.read() as session:
        newest = instants.newest(session)
    return max(newest or datetime.now(UTC), datetime.now(UTC))


def _add_past_weeks(database: Database, config: DeskConfig) -> None:
    place = Recordings(config.recording_dir, config.recording_keys[0])
    with database.write() as session:
        add_past_weeks(
            session, _sealer(config), place, seed_key=config.audit_key, now=datetime.now(UTC)
        )


def _sealer(config: DeskConfig) -> Sealer:
    return Sealer.of_keys(config.data_keys, config.index_key)


def _clock_start(database: Database) -> datetime:
    with database.read() as session:
        newest = instants.newest(session)
    return next_business_start(max(newest or datetime.now(UTC), datetime.now(UTC)))
