"""Large uploads without anybody noticing: taken in small pieces, with a turn for others after each.

Werkzeug reads a form's file in one go. From a browser on the same machine that is a second of work
for a hundred megabytes, in which no seat would be served.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from typing import IO, Any

from flask import Request, current_app

from agent_desk.services.lists.sealed_uploads import LARGEST_FILE

IN_MEMORY = 256 * 1024
LARGEST_FORM = LARGEST_FILE + 1024 * 1024


class PatientFile(tempfile.SpooledTemporaryFile[bytes]):
    """A nameless temporary file that lets others have their turn after each piece."""

    def __init__(self, pause: Callable[[], object]) -> None:
        super().__init__(max_size=IN_MEMORY, mode="w+b")
        self._pause = pause

    def write(self, data: Any) -> int:
        """One piece."""
        written = super().write(data)
        self._pause()
        return written


class PatientRequest(Request):
    """A request whose files are taken patiently."""

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return PatientFile(current_app.extensions["desk"].imports.pause)
