"""Commands for replacing a working desk by a newer one without a customer noticing."""

from __future__ import annotations

import time

import click

from agent_desk.services.dialing.draining import LASTS_S
from agent_desk.services.running.desk_door import DeskDoor
from config import DeskConfig

LOOK_S = 0.5
TELL_S = 5.0
# A lease may be on its way when the first look is taken.
QUIET_LOOKS = 3


@click.command("drain")
@click.option("--within", "limit_s", type=float, default=90.0, show_default=True, metavar="SECONDS")
@click.option("--talks", is_flag=True, help="Wait until the talks are over as well.")
@click.option("--resume", is_flag=True, help="Begin to call again instead.")
@click.pass_obj
def drain(config: DeskConfig, limit_s: float, talks: bool, resume: bool) -> None:
    """Have the running desk start no more calls, and wait until none is between ring and talk.

    Exits with 0 when the desk can be stopped without anybody being abandoned. Talks go on without
    a desk. The next desk dials again; this one too, two minutes after nobody asks any more.
    """
    door = DeskDoor(config.url, secret_key=config.secret_key, tls_cert=config.tls_cert)
    if resume:
        door.tell("/internal/drain", {"on": False})
        click.echo("the desk calls again")
        return
    deadline = time.monotonic() + limit_s
    told_at, quiet = 0.0, 0
    while True:
        found = door.tell("/internal/drain", {"on": True})
        left = found["unbridged"] + (found["talks"] if talks else 0)
        quiet = 0 if left else quiet + 1
        if quiet == QUIET_LOOKS:
            break
        now = time.monotonic()
        if now > deadline:
            door.tell("/internal/drain", {"on": False})
            raise click.ClickException(f"{left} calls are still on their way; the desk calls again")
        if now - told_at > TELL_S:
            told_at = now
            click.echo(f"{found['unbridged']} calls on their way, {found['talks']} talks")
        time.sleep(LOOK_S)
    click.echo(f"nobody is waiting for a seat; {found['talks']} talks go on without the desk")
    click.echo(f"stop it within {LASTS_S:.0f} s")
