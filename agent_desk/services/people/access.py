"""The rules of getting in: from where, with what, and how many at once. Asked with every request,
so kept in memory; every change goes through here."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from agent_desk.services.errors import ServiceError
from agent_desk.services.people import passwords
from agent_desk.services.people.roles import ROLES
from agent_desk.services.ports import Clock
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.store import audit
from agent_desk.store.people import access as rows
from agent_desk.store.unit_of_work import Database, Session

Network = IPv4Network | IPv6Network
MOST_NETWORKS = 100
MOST_BOOTHS = 10_000


@dataclass(frozen=True)
class RoleRules:
    """How people of a role get in; without networks from everywhere."""

    code_needed: bool = False
    networks: tuple[Network, ...] = ()

    def admits(self, address: str | None) -> bool:
        """Whether somebody at this address gets in; an address that is none does not."""
        if not self.networks:
            return True
        try:
            known = ipaddress.ip_address(address or "")
        except ValueError:
            return False
        mapped = getattr(known, "ipv4_mapped", None)
        plain = mapped if mapped is not None else known
        return any(plain in network for network in self.networks)


@dataclass(frozen=True)
class AccessRules:
    """What holds now. `booths` None: as many operators at once as there are."""

    password_least: int = passwords.LEAST_LENGTH
    booths: int | None = None
    roles: Mapping[str, RoleRules] = field(default_factory=dict)

    def of(self, role: str) -> RoleRules:
        """The rules of one role."""
        return self.roles.get(role, RoleRules())


class AccessSettings:
    """Holds the rules and changes them."""

    def __init__(self, *, database: Database, commits: GroupCommit, clock: Clock) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self.rules = AccessRules()
        self.reload()

    def reload(self) -> None:
        """Read the rules anew."""
        with self._database.read() as session:
            stored = rows.every(session)
        house = stored.get("house", {})
        self.rules = AccessRules(
            password_least=house.get("password_least", passwords.LEAST_LENGTH),
            booths=house.get("booths"),
            roles={role: _role(stored.get(f"role:{role}", {})) for role in ROLES},
        )

    def set_house(self, *, password_least: int, booths: int | None, actor: str) -> None:
        """Least length of passwords, and how many operators may be logged in at once.

        ServiceError `access-unusable`.
        """
        if not passwords.LEAST_ALLOWED <= password_least <= passwords.MOST_ALLOWED:
            raise ServiceError("access-unusable", field="password_least")
        if booths is not None and not 1 <= booths <= MOST_BOOTHS:
            raise ServiceError("access-unusable", field="booths")
        self._put("house", {"password_least": password_least, "booths": booths}, actor=actor)

    def set_role(
        self,
        role: str,
        *,
        code_needed: bool,
        networks: str,
        actor: str,
        own: tuple[str, str | None] | None,
    ) -> None:
        """How people of a role get in; `networks` one per line. `own`: the changer's role and
        address, whom a change may not shut out.

        ServiceError `access-unusable`, `network-unusable`, `locks-yourself-out`.
        """
        if role not in ROLES:
            raise ServiceError("access-unusable")
        wanted = RoleRules(code_needed, read_networks(networks))
        if own is not None and own[0] == role and not wanted.admits(own[1]):
            raise ServiceError("locks-yourself-out", address=own[1] or "?")
        value = {"code_needed": code_needed, "networks": [str(each) for each in wanted.networks]}
        self._put(f"role:{role}", value, actor=actor)

    def _put(self, name: str, value: Mapping[str, Any], *, actor: str) -> None:
        now = self._clock.now()

        def write(session: Session) -> None:
            rows.put(session, name, value, by=actor, at=now)
            audit.append(
                session,
                at=now,
                actor=actor,
                action="access.changed",
                subject=f"access:{name}",
                details=value,
            )

        if not self._commits.submit(None, rows=write).ok:
            raise ServiceError("not-stored")
        self.reload()


def read_networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, one per line or between commas; ServiceError `network-unusable`."""
    found: list[Network] = []
    for each in text.replace(",", "\n").split():
        try:
            found.append(ipaddress.ip_network(each))
        except ValueError:
            raise ServiceError("network-unusable", network=each[:60]) from None
    if len(found) > MOST_NETWORKS:
        raise ServiceError("access-unusable")
    return tuple(found)


def _role(value: Mapping[str, Any]) -> RoleRules:
    networks = tuple(ipaddress.ip_network(each) for each in value.get("networks", ()))
    return RoleRules(bool(value.get("code_needed")), networks)
