"""The do-not-call list as files: taken in through the same rules as the page, and handed out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from agent_desk.services.actor import Actor
from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.spreadsheets import inert
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.rules.block_terms import REQUEST, Terms, last_day
from agent_desk.services.rules.do_not_call import DoNotCallService
from agent_desk.services.rules.trail import note
from agent_desk.store.rules import block_lists
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

COLUMNS = ("number", "customer", "product", "basis", "reason", "expires_on")
HEADS = {
    "電話番号": "number",
    "顧客番号": "customer",
    "商材": "product",
    "根拠": "basis",
    "理由": "reason",
    "期限": "expires_on",
}
MOST_ROWS = 20_000
MOST_BYTES = 4 * 1024 * 1024
PORTION = 200
AT_A_TIME = 20  # rows between two turns of the others


@dataclass(frozen=True)
class Taken:
    """What became of a file: how many rows, and (row number, error id) of those refused."""

    added: int
    refused: tuple[tuple[int, str], ...]


class BlockFiles:
    """Reads and writes CSV."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        hub: Hub,
        blocks: DoNotCallService,
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock
        self._hub = hub
        self._blocks = blocks

    def take(self, data: bytes, *, actor: Actor) -> Taken:
        """Enter each row; a row that is refused stops no other.

        ServiceError: import-too-large, import-encoding, import-header, import-too-many-rows.
        """
        rows = _rows(data)
        with self._database.read() as session:
            products = {name: key for key, name in block_lists.products(session)}
        added, refused = 0, []
        for number, row in enumerate(rows, start=2):
            try:
                self._take(row, products, actor)
                added += 1
            except ServiceError as error:
                refused.append((number, error.error_id))
            if number % AT_A_TIME == 0:
                self._hub.pause(0)
        return Taken(added, tuple(refused))

    def hand_out(self, *, actor: Actor) -> Iterator[bytes]:
        """Every entry in force as CSV (UTF-8 with its mark), portion by portion; noted first."""
        self._blocks.write(lambda session: self._note_export(session, actor))
        return self._lines()

    # --- inside --------------------------------------------------------------------------------

    def _take(self, row: dict[str, str], products: dict[str, int], actor: Actor) -> None:
        product = row.get("product", "")
        if product and product not in products:
            raise ServiceError("product-unknown")
        if bool(row.get("number")) is bool(row.get("customer")):
            raise ServiceError("number-or-customer")
        terms = Terms(
            basis=row.get("basis") or REQUEST,
            product_id=products[product] if product else None,
            last_day=_day(row.get("expires_on", "")),
        )
        reason, by = row.get("reason") or terms.basis, actor.username
        if row.get("number"):
            self._blocks.block_number(row["number"], reason=reason, actor=by, terms=terms)
        else:
            self._blocks.block_customer(
                row["customer"], reason=reason, actor=by, terms=terms, teams=actor.teams
            )

    def _note_export(self, session: Session, actor: Actor) -> None:
        note(
            session,
            "do_not_call.exported",
            subject="do_not_call",
            at=self._clock.now(),
            actor=actor,
            details={},
        )

    def _lines(self) -> Iterator[bytes]:
        yield "\ufeff".encode() + _line(["電話番号", "顧客番号", "商材", "根拠", "理由", "期限"])
        after = 0
        while True:
            with self._database.read() as session:
                rows = block_lists.export(session, self._sealer, after=after, limit=PORTION)
            if not rows:
                return
            for row in rows:
                last = "" if row.expires_at is None else last_day(row.expires_at).isoformat()
                cells = [row.number, row.external_id, row.product, row.basis, row.reason, last]
                # A number is E.164: the plus is a number's, not a formula's, and is written as 0.
                cells[0] = re.sub(r"^\+81", "0", cells[0])
                yield _line([inert(cell) for cell in cells])
            after = rows[-1].id
            self._hub.pause(0)


def _line(cells: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue().encode()


def _rows(data: bytes) -> list[dict[str, str]]:
    """Rows by column, their cells trimmed."""
    if len(data) > MOST_BYTES:
        raise ServiceError("import-too-large")
    text = _text(data)
    lines = csv.reader(io.StringIO(text))
    try:
        header = [cell.strip() for cell in next(lines, [])]
        columns = [HEADS.get(head, head.lower()) for head in header]
        if not {"number", "customer"} & set(columns):
            raise ServiceError("import-header")
        rows: list[dict[str, str]] = []
        for line in lines:
            if not any(cell.strip() for cell in line):
                continue
            if len(rows) == MOST_ROWS:
                raise ServiceError("import-too-many-rows")
            pairs = zip(columns, line, strict=False)
            rows.append({name: cell.strip() for name, cell in pairs if name in COLUMNS})
    except csv.Error:
        raise ServiceError("import-header") from None
    return rows


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ServiceError("import-encoding")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-")) if text else None
    except ValueError:
        raise ServiceError("until-needed") from None
