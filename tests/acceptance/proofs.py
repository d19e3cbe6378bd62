"""What must be true after any crash, asked of the rows and of the SIP peer's own account.

`python -m agent_desk audit` judges the rows by themselves; these judge them by what others know:
the operators (every acknowledgement they were given) and the carrier (every INVITE and dialog).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from agent_desk.store.sealing import Sealer
from config import DeskConfig
from tests.operator_client import OperatorClient
from tests.product import Product

Press = tuple[str, dict[str, Any]]
IN_THE_RESULT = object()  # where a draft went
FIGURES = {
    "idle_s": ("available", "reserved"),
    "talk_s": ("talking",),
    "hold_s": ("hold",),
    "wrap_s": ("wrap_up",),
    "away_s": ("away",),
}


@dataclass
class Dialog:
    """One call as the carrier had it."""

    number: str
    begun: datetime
    answered: datetime | None = None
    ended: datetime | None = None


class CarrierAccount:
    """The carrier's log, read on from where it was read last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._dialogs: dict[str, Dialog] = {}

    def live(self) -> dict[str, str]:
        """National number by SIP Call-ID, of the calls the carrier holds."""
        dialogs = self._read()
        return {call: dialog.number for call, dialog in dialogs.items() if dialog.ended is None}

    def invites(self) -> int:
        """How many there were so far."""
        return len(self._read())

    def spans(self) -> dict[str, list[Dialog]]:
        """By number, in order."""
        spans: dict[str, list[Dialog]] = defaultdict(list)
        for dialog in self._read().values():
            spans[dialog.number].append(dialog)
        return spans

    def answers(self) -> dict[str, datetime]:
        """When each national number answered last."""
        dialogs = self._read().values()
        return {dialog.number: dialog.answered for dialog in dialogs if dialog.answered}

    def _read(self) -> dict[str, Dialog]:
        if not self._path.exists():
            return self._dialogs
        with self._path.open("rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._offset += len(line)
                event = orjson.loads(line)
                at = datetime.fromisoformat(event["at"])
                if event["event"] == "invite":
                    self._dialogs[event["call"]] = Dialog(event["number"], at)
                elif event["event"] == "answer":
                    self._dialogs[event["call"]].answered = at
                elif event["event"] == "end":
                    self._dialogs[event["call"]].ended = at
        return self._dialogs


class Proofs:
    """Asks one product. Every method returns what is wrong, in words; nothing when all is well."""

    def __init__(self, product: Product) -> None:
        config = DeskConfig.from_environ(product.environ)
        self._product = product
        self._sealer = Sealer.of_keys(config.data_keys, config.index_key)
        self.carrier = CarrierAccount(product.carrier_log)

    # --- what operators were promised -----------------------------------------------------------

    def acknowledged_is_stored_once(self, clients: Iterable[OperatorClient]) -> list[str]:
        """Every acknowledged press is in the rows exactly once, and nothing is there unpressed.

        A press that is not answered yet may be there or not.
        """
        wrong = []
        rows = _Rows(self._product, self._sealer)
        for client in clients:
            pressed = _by_subject(client.acknowledged)
            open_press = _by_subject([client.unanswered] if client.unanswered else [])
            for subject in pressed.keys() | open_press.keys():
                told, maybe = pressed.get(subject, []), open_press.get(subject, [])
                found = rows.of(subject)
                if not any(_same(subject, found, wanted) for wanted in (told, told + maybe)):
                    wrong.append(f"{client.username} {subject}: told {told}, stored {found}")
            lost = rows.unknown_commands(client)
            if lost:
                wrong.append(f"{client.username}: acknowledged, but no reply is stored: {lost}")
        return wrong

    # --- what the carrier saw -------------------------------------------------------------------

    def disagreements(self) -> set[str]:
        """Calls that only one side holds now: orphans of the carrier's, ghosts of the desk's.

        What crosses on the wire is here for a moment; what stays is wrong.
        """
        live = {self._key(number) for number in self.carrier.live().values()}
        held = {
            row[0]
            for row in self._product.query(
                "SELECT a.number_key FROM attempts a JOIN calls c ON c.id = a.id"
                " WHERE a.open AND c.state NOT IN ('leased', 'ended')"
            )
        }
        opened = {
            row[0] for row in self._product.query("SELECT number_key FROM attempts WHERE open")
        }
        orphans = {f"orphan {key}" for key in live - opened}
        return orphans | {f"ghost {key}" for key in held - live}

    def calls_too_many(self, *, cap: int) -> list[str]:
        """Per number: INVITEs beyond the cap or beyond the attempts written, and two at once."""
        attempts = dict(
            self._product.query("SELECT number_key, count(*) FROM attempts GROUP BY number_key")
        )
        wrong = []
        for number, spans in self.carrier.spans().items():
            written = attempts.get(self._key(number), 0)
            if len(spans) > min(cap, written):
                wrong.append(f"{number}: {len(spans)} INVITEs, {written} attempts, cap {cap}")
            for first, then in zip(spans, spans[1:], strict=False):
                if first.ended is None or then.begun < first.ended:
                    wrong.append(f"{number} was on the line twice at {then.begun}")
        return wrong

    def _key(self, national: str) -> str:
        return self._sealer.number_key("+81" + national[1:])

    # --- what the rows say of seats -------------------------------------------------------------

    def seconds_that_do_not_add_up(self, clients: Iterable[OperatorClient]) -> list[str]:
        """Moves with gaps between them, and figures on pages that are not those of the moves.

        Pages count closed intervals of states; desks that were killed on the way lose none.
        """
        moves: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        for seat_id, from_state, to_state, at in self._product.query(
            "SELECT seat_id, from_state, to_state, at FROM seat_moves ORDER BY id"
        ):
            moves[seat_id].append((from_state, to_state, at))
        wrong = []
        for client in clients:
            spent: dict[str, float] = defaultdict(float)
            each = moves[client.username]
            for (_, entered, at), (left, _, until) in zip(each, each[1:], strict=False):
                spent[entered] += (until - at) / 1e6
                if entered != left or until < at:
                    wrong.append(f"{client.username}: into {entered} at {at}, {left} until {until}")
            for figure, states in FIGURES.items():
                shown = client.state["metrics"][figure]
                summed = sum(spent[state] for state in states)
                if abs(shown - summed) > 0.1:
                    wrong.append(f"{client.username}: {figure} {shown}, by the moves {summed:.2f}")
        return wrong


class _Rows:
    """What is stored, read at one moment."""

    def __init__(self, product: Product, sealer: Sealer) -> None:
        self._marks: dict[tuple[str, str], list[Any]] = defaultdict(list)
        query = product.query
        for call_id, code, marked in query(
            "SELECT call_id, code, marked FROM status_marks ORDER BY id"
        ):
            self._marks[call_id, code].append(bool(marked))
        self._promises: dict[str, list[Any]] = defaultdict(list)
        for call_id, due_on, amount in query(
            "SELECT call_id, due_on, amount_yen FROM promises ORDER BY id"
        ):
            self._promises[call_id].append((due_on, amount))
        self._results: dict[str, list[Any]] = defaultdict(list)
        for call_id, recorded, sealed in query(
            "SELECT r.call_id, r.recorded, n.text_sealed FROM results r"
            " LEFT JOIN notes n ON n.id = r.note_id ORDER BY r.id"
        ):
            if recorded:
                self._results[call_id].append(sealer.open(sealed) if sealed else "")
        self._drafts = {
            call_id: sealer.open(sealed)
            for call_id, sealed in query("SELECT call_id, text_sealed FROM note_drafts")
        }
        self._commands = {row[0] for row in query("SELECT command_id FROM commands")}

    def of(self, subject: tuple[str, ...]) -> list[Any]:
        kind, call_id = subject[0], subject[1]
        if kind == "mark":
            return self._marks[call_id, subject[2]]
        if kind == "promise":
            return self._promises[call_id]
        if kind == "result":
            return self._results[call_id]
        if self._results[call_id]:
            return [IN_THE_RESULT]
        return [self._drafts[call_id]] if call_id in self._drafts else []

    def unknown_commands(self, client: OperatorClient) -> list[str]:
        """Acknowledged presses of which no reply is remembered."""
        return [
            f"{event} {payload['command_id']}"
            for event, payload in client.acknowledged
            if _subject(event, payload) and payload["command_id"] not in self._commands
        ]


def _by_subject(presses: Iterable[Press]) -> Mapping[tuple[str, ...], list[Any]]:
    found: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for event, payload in presses:
        subject = _subject(event, payload)
        if subject:
            found[subject].append(_value(event, payload))
    return found


def _subject(event: str, payload: Mapping[str, Any]) -> tuple[str, ...] | None:
    match event:
        case "mark_status":
            return ("mark", payload["call_id"], payload["code"])
        case "set_promise":
            return ("promise", payload["call_id"])
        case "save_result":
            return ("result", payload["call_id"])
        case "draft_note":
            return ("draft", payload["call_id"])
    return None


def _value(event: str, payload: Mapping[str, Any]) -> Any:
    match event:
        case "mark_status":
            return payload["on"]
        case "set_promise":
            return (payload["due_on"], payload["amount_yen"])
        case "save_result":
            return payload["note"]
    return payload["text"]


def _same(subject: tuple[str, ...], found: list[Any], wanted: list[Any]) -> bool:
    """Equal; of drafts only the newest is kept, until the result takes its place."""
    if subject[0] == "draft":
        return found in ([IN_THE_RESULT], wanted[-1:])
    return found == wanted
