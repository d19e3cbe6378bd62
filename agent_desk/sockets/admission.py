"""A ticket for an identity: how a page's socket is admitted."""

from __future__ import annotations

from agent_desk.services.people.accounts import AccountService
from agent_desk.services.running.tickets import TicketOffice
from agent_desk.sockets.connections import Identity


class Admission:
    """Redeems tickets; the person is looked up anew, so a disabled one gets nowhere."""

    def __init__(self, accounts: AccountService, tickets: TicketOffice) -> None:
        self._accounts = accounts
        self._tickets = tickets

    def admit(self, auth: object, namespace: str) -> Identity | None:
        """The identity behind `{"ticket": …}`, once; None when it admits nobody here.

        A client library that has one `auth` for all its namespaces shows `{"tickets": {…}}`.
        """
        shown = None
        if isinstance(auth, dict):
            several = auth.get("tickets")
            shown = several.get(namespace) if isinstance(several, dict) else auth.get("ticket")
        ticket = self._tickets.redeem(shown, namespace=namespace)
        if ticket is None:
            return None
        who = self._accounts.person_by_id(ticket.user_id, ticket.session_id)
        if who is None:
            return None
        return Identity(
            user_id=who.user_id,
            username=who.username,
            name=who.name,
            role=who.role,
            team_id=who.team_id,
            teams=who.teams,
            session_id=who.session_id,
            locale=who.locale,
        )
