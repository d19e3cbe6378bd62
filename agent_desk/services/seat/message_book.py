"""Today's messages of leads to operators, as pages show them: what is stored, kept at hand.

A tile asks how many wait for each seat, four times a second for every lead, so that nothing here
is counted twice: a message's view is made when something about it changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from agent_desk.store.rows.seat_messages import MessageRow

SHOWN_TO_LEADS = 50  # the newest of today
Teams = frozenset[int] | None


class MessageBook:
    """The messages of one day, oldest first."""

    def __init__(self, today: date, messages: Iterable[MessageRow] = ()) -> None:
        self._today = today
        self._sent: dict[str, MessageRow] = {}
        self._teams: dict[str, frozenset[int | None]] = {}  # of those it is for
        self._views: dict[str, dict[str, Any]] = {}
        self._open: dict[str, dict[str, None]] = {}  # ids nobody acknowledged yet, by username
        for message in messages:
            self.take(message)

    def roll(self, today: date) -> None:
        """Begin anew when midnight has passed."""
        if today != self._today:
            self._today, self._sent, self._open = today, {}, {}
            self._teams, self._views = {}, {}

    def take(self, message: MessageRow) -> None:
        """One more was sent."""
        message_id, people = message.message_id, message.recipients.values()
        self._sent[message_id] = message
        self._teams[message_id] = frozenset(each.team_id for each in people)
        self._views[message_id] = _view(message)
        for each in people:
            if each.acknowledged_at is None:
                self._open.setdefault(each.username, {})[message_id] = None

    def note(self, message_id: str, names: Collection[str], **instants: datetime) -> None:
        """It came to these people's pages, was brought to mind again, or was acknowledged."""
        message = self._sent.get(message_id)
        if message is None:  # of yesterday, by now
            return
        people = dict(message.recipients)
        for name in names:
            people[name] = replace(people[name], **instants)  # type: ignore[arg-type]
            if people[name].acknowledged_at is not None:
                self._open.get(name, {}).pop(message_id, None)
        self._sent[message_id] = replace(message, recipients=people)
        self._views[message_id] = _view(self._sent[message_id])

    def get(self, message_id: str) -> MessageRow | None:
        return self._sent.get(message_id)

    def awaited(self, username: str, message_id: str) -> MessageRow | None:
        """The message, if it is one they have not acknowledged."""
        return self._sent[message_id] if message_id in self._open.get(username, ()) else None

    def open_of(self, username: str) -> list[MessageRow]:
        """What they have not acknowledged, oldest first."""
        return [self._sent[each] for each in self._open.get(username, ())]

    def waiting(self, username: str) -> int:
        """How many those are."""
        return len(self._open.get(username, ()))

    def within(self, message_id: str, teams: Teams) -> bool:
        """Whether it went to nobody but people of these teams."""
        return teams is None or self._teams[message_id] <= teams

    def views(self, teams: Teams) -> dict[str, dict[str, Any]]:
        """The newest of those, by id."""
        theirs = [each for each in self._sent if self.within(each, teams)]
        return {each: self._views[each] for each in theirs[-SHOWN_TO_LEADS:]}


def _view(message: MessageRow) -> dict[str, Any]:
    people = message.recipients.values()
    return {
        "id": message.message_id,
        "by": message.by_name,
        "text": message.text,
        "at": message.sent_at.isoformat(),
        "scope": message.scope,
        "scope_id": message.scope_id,
        "whom": next(iter(people)).name if message.scope == "seat" else "",
        "recipients": len(people),
        "delivered": sum(each.delivered_at is not None for each in people),
        "acknowledged": sum(each.acknowledged_at is not None for each in people),
    }
