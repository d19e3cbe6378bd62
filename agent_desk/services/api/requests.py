"""What the command line may ask of tokens, through a running desk or without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from agent_desk.services.api.tokens import TokenService, Wanted
from agent_desk.services.errors import ServiceError
from agent_desk.services.told import Told

ACTOR = "cli"


def make(service: TokenService, told: Told) -> dict[str, Any]:
    """A token for teams named by people (none: every team)."""
    scopes = [each for each in told.text("scopes").split(",") if each]
    names = [each for each in told.text("teams", "").split(",") if each]
    ids = {name: team_id for team_id, name in service.teams().items()}
    if not set(names) <= set(ids):
        raise ServiceError("token-unusable", reason="teams")
    teams = [ids[name] for name in names] or None
    wanted = Wanted(told.text("name"), scopes, teams, told.whole("days"))
    token_id, secret = service.make(wanted, actor=ACTOR)
    return {"id": token_id, "token": secret}


def revoke(service: TokenService, told: Told) -> dict[str, Any]:
    """End a token."""
    service.revoke(told.whole("id"), actor=ACTOR)
    return {"ok": True}


TOKEN_REQUESTS: Mapping[str, Callable[[TokenService, Told], dict[str, Any]]] = {
    "make": make,
    "revoke": revoke,
}
