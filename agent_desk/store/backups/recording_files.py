"""Which files of recordings there ought to be, and the hashes they were closed with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from agent_desk.models.calls import Recording


@dataclass(frozen=True)
class RecordingFile:
    """`path` is below `RECORDING_DIR`."""

    path: str
    sha256: str


def every(session: Session) -> Iterator[RecordingFile]:
    """Sealed files and what the worker made of them, as long as they are kept."""
    query = select(
        Recording.path, Recording.sha256, Recording.opus_path, Recording.opus_sha256
    ).where(Recording.state.in_(("sealed", "verified")))
    for path, sha256, opus_path, opus_sha256 in session.execute(query.order_by(Recording.call_id)):
        if sha256 is not None:
            yield RecordingFile(path, sha256)
        if opus_path is not None and opus_sha256 is not None:
            yield RecordingFile(opus_path, opus_sha256)
