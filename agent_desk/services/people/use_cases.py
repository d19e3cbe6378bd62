"""Everything about people in one value: getting in, who they are, when they work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from agent_desk.dialer.ids import SeatId
from agent_desk.services.ground import DeskGround
from agent_desk.services.people.access import AccessSettings
from agent_desk.services.people.accounts import AccountService
from agent_desk.services.people.administration import UserAdministration
from agent_desk.services.people.booths import Booths
from agent_desk.services.people.departures import Departures
from agent_desk.services.people.files_once import FilesOnce
from agent_desk.services.people.names import People
from agent_desk.services.people.open_sessions import OpenSessions
from agent_desk.services.people.own_account import OwnAccount
from agent_desk.services.people.second_factors import SecondFactors
from agent_desk.services.people.wallboards import WallboardLinks
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.seats import SeatService


class PeopleGround(DeskGround, Protocol):
    """And what these need beside it."""

    @property
    def names(self) -> People: ...

    @property
    def book(self) -> CampaignBook: ...


@dataclass(frozen=True)
class PeopleServices:
    """What pages and doors ask of people."""

    access: AccessSettings
    accounts: AccountService
    factors: SecondFactors
    booths: Booths
    departures: Departures
    administration: UserAdministration
    own: OwnAccount
    sessions: OpenSessions
    files: FilesOnce
    wallboards: WallboardLinks


def people_services(
    ground: PeopleGround,
    commits: GroupCommit,
    *,
    seats: Callable[[Booths], SeatService],
    session_ended: Callable[[str], None],
    user_ended: Callable[[int], None],
) -> tuple[PeopleServices, SeatService]:
    """Built once per desk, with the seats, whose door is the booths'."""
    database, clock, hub = ground.database, ground.clock, ground.hub
    base: dict[str, Any] = {"database": database, "commits": commits, "clock": clock}
    access = AccessSettings(**base)
    factors = SecondFactors(**base, sealer=ground.sealer)
    booths = Booths(**base, access=access)
    service = seats(booths)
    accounts = AccountService(
        **base,
        hub=hub,
        access=access,
        factors=factors,
        booths=booths,
        demo_allowed=ground.config.loopback and not ground.config.trusted_proxies,
        session_ended=session_ended,
        user_ended=user_ended,
    )
    departures = Departures(**base, seats=service)
    administration = UserAdministration(
        **base,
        renamed=ground.names.reload,
        cut=user_ended,
        departs=departures.leave,
        moved=lambda username, team_id: service.move(SeatId(username), team_id),
    )
    people = PeopleServices(
        access=access,
        accounts=accounts,
        factors=factors,
        booths=booths,
        departures=departures,
        administration=administration,
        own=OwnAccount(**base, hub=hub, access=access, session_ended=session_ended),
        files=FilesOnce(clock),
        wallboards=WallboardLinks(**base, campaigns=ground.book, ended=session_ended),
        sessions=OpenSessions(
            database=database,
            clock=clock,
            access=access,
            accounts=accounts,
            departs=departures.leave,
        ),
    )
    return people, service
