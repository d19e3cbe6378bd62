"""Importing a file while a desk is running: handed to it, and waited for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from agent_desk.services.errors import ServiceError
from agent_desk.services.lists.import_direct import Summary
from agent_desk.services.running.desk_door import DeskDoor, DeskRefused

POLL_S = 0.5


def import_through_desk(
    door: DeskDoor, file: Path, *, campaign: str, list_name: str, pause: Callable[[float], None]
) -> Summary:
    """Import a file into a list of a campaign; ServiceError as for an upload, `DeskAway`.

    The worker does the reading, so this waits for as long as the file takes.
    """
    query = urlencode({"campaign": campaign, "list": list_name, "file_name": file.name})
    try:
        batch_id = json.loads(door.upload(f"/internal/imports?{query}", file.read_bytes()))["id"]
        batch = _wait(door, f"/internal/imports/{batch_id}", pause)
        errors = door.get(f"/internal/imports/{batch_id}/errors.csv")
    except DeskRefused as refused:
        raise ServiceError(refused.error_id, **refused.details) from None
    if batch["state"] == "failed":
        raise ServiceError(str(batch["error_id"]))
    return Summary(
        rows_total=int(batch["rows_total"]),
        added=int(batch["added"]),
        updated=int(batch["updated"]),
        duplicates=int(batch["duplicates"]),
        errors=int(batch["errors"]),
        error_file=errors,
    )


def _wait(door: DeskDoor, route: str, pause: Callable[[float], None]) -> dict[str, str | int]:
    while True:
        batch: dict[str, str | int] = json.loads(door.get(route))
        if batch["state"] not in ("reading", "queued"):
            return batch
        pause(POLL_S)
