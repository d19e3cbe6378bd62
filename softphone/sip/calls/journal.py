"""What must be hung up if this process dies: an append-only file of the dialogs that are open.

Each line is `{"put": record}` or `{"del": key}`. Lines go to the operating system at once, which
survives kill -9 of the process; a power cut also ends the far side's patience, so nothing is
synced. A torn last line is skipped. Records hold numbers in clear (a CANCEL must repeat the dialed
URI), so the file is readable by its owner only and is emptied whenever no call is open.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

log = logging.getLogger(__name__)
# Beyond two lines for each open dialog, so that beside many of them an end is still one line.
_REWRITE_AFTER_LINES = 1000


Phase = Literal["inviting", "early", "confirmed", "arrived"]


@dataclass(frozen=True)
class DialogRecord:
    """Enough of a dialog to end it from a new process.

    `phase`: inviting (no tag of the peer yet), early, confirmed. `via`, `uri` and `address` are the
    INVITE's, which a CANCEL must repeat; `target` and `routes` the dialog's, where a BYE goes.
    `arrived`: a call to us that is not answered yet, whose refusal repeats all its Via.
    """

    trunk_id: str
    call_id: str
    phase: Phase
    local: str
    remote: str
    cseq: int
    uri: str
    via: str
    address: tuple[str, int]
    target: str = ""
    routes: tuple[str, ...] = ()


class CallJournal(Protocol):
    """What a call needs of the journal."""

    def put(self, record: DialogRecord) -> None: ...

    def remove(self, call_id: str) -> None: ...


class DialogJournal:
    """The open dialogs of all trunks of a gateway, keyed by SIP Call-ID."""

    def __init__(self, path: Path | str) -> None:
        self._path = Path(path)
        self._records: dict[str, DialogRecord] = _read(self._path)
        self._lines = 0
        self._file: int | None = None
        self._rewrite()

    def records(self, trunk_id: str) -> list[DialogRecord]:
        return [record for record in self._records.values() if record.trunk_id == trunk_id]

    def put(self, record: DialogRecord) -> None:
        """Add or update the record of a call."""
        if self._records.get(record.call_id) != record:
            self._records[record.call_id] = record
            self._append({"put": vars(record)})

    def remove(self, call_id: str) -> None:
        if self._records.pop(call_id, None) is None:
            return
        if not self._records:
            self._empty()
        elif self._lines > _REWRITE_AFTER_LINES + 2 * len(self._records):
            self._rewrite()
        else:
            self._append({"del": call_id})

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, entry: dict[str, object]) -> None:
        if self._file is None:
            return
        try:
            os.write(self._file, (json.dumps(entry) + "\n").encode())
            self._lines += 1
        except OSError:  # a full disk must not end calls; orphans then wait for the session timer
            log.exception("dialog journal: cannot write")

    def _empty(self) -> None:
        """No call is open: keep no number a moment longer."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            self._lines = 0

    def _rewrite(self) -> None:
        """Replace the file by one that holds the open dialogs only."""
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            lines = [json.dumps({"put": vars(record)}) + "\n" for record in self._records.values()]
            os.write(handle, "".join(lines).encode())
            os.replace(fresh, self._path)
        except OSError:
            log.exception("dialog journal: cannot rewrite")
            return
        self.close()
        self._file = handle
        self._lines = len(self._records)


def _read(path: Path) -> dict[str, DialogRecord]:
    records: dict[str, DialogRecord] = {}
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return records
    for line in lines:
        try:
            entry = json.loads(line)
            if "put" in entry:
                fields = entry["put"]
                fields["address"] = tuple(fields["address"])
                fields["routes"] = tuple(fields["routes"])
                record = DialogRecord(**fields)
                records[record.call_id] = record
            else:
                records.pop(entry["del"], None)
        except (ValueError, KeyError, TypeError):
            log.warning("dialog journal: a line that cannot be read is skipped")
    return records
