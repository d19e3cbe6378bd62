"""A ticket admits once, for 30 s of real time, to one namespace."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agent_desk.services.running.tickets import LIFETIME, TicketOffice
from tests.fakes.clock import FakeClock


@pytest.fixture
def office(clock: FakeClock) -> TicketOffice:
    return TicketOffice(clock)


def test_a_ticket_names_whom_it_admits(office: TicketOffice) -> None:
    ticket = office.redeem(office.issue(7, "session", namespace="/desk"), namespace="/desk")
    assert ticket is not None
    assert (ticket.user_id, ticket.session_id) == (7, "session")


def test_a_ticket_admits_once(office: TicketOffice) -> None:
    token = office.issue(7, "session", namespace="/desk")
    assert office.redeem(token, namespace="/desk") is not None
    assert office.redeem(token, namespace="/desk") is None


def test_a_ticket_for_another_namespace_admits_nowhere(office: TicketOffice) -> None:
    token = office.issue(7, "session", namespace="/pulse")
    assert office.redeem(token, namespace="/desk") is None
    assert office.redeem(token, namespace="/pulse") is None, "showing it used it up"


def test_a_ticket_lasts_thirty_seconds(office: TicketOffice, clock: FakeClock) -> None:
    early, late = (office.issue(7, "session", namespace="/desk") for _ in range(2))
    assert timedelta(seconds=30) == LIFETIME
    clock.advance(29.9)
    assert office.redeem(early, namespace="/desk") is not None
    clock.advance(0.1)
    assert office.redeem(late, namespace="/desk") is None


@pytest.mark.parametrize("shown", ["", "guess", None, 7, ["x"], {"ticket": "x"}])
def test_what_is_no_ticket_admits_nobody(office: TicketOffice, shown: object) -> None:
    office.issue(7, "session", namespace="/desk")
    assert office.redeem(shown, namespace="/desk") is None


def test_tickets_nobody_used_are_thrown_away(office: TicketOffice, clock: FakeClock) -> None:
    for _ in range(100):
        office.issue(7, "session", namespace="/desk")
    clock.advance(31)
    office.issue(7, "session", namespace="/desk")
    assert len(office._issued) == 1
