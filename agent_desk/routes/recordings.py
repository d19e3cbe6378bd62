"""Recordings over HTTP: ask for a link, and play what it leads to, from any place in it."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from agent_desk.routes.api import instant
from agent_desk.routes.guards import person, requires
from agent_desk.services.recordings.listening import LISTENERS, RecordingService
from agent_desk.services.recordings.sound import Sound

blueprint = Blueprint("recordings", __name__, url_prefix="/api/v1/recordings")

PIECE = 256 * 1024


@blueprint.post("/<call_id>/url")
@requires(*LISTENERS)
def link(call_id: str) -> ResponseReturnValue:
    """A link to the recording of a call in scope, for this person and the next minute."""
    found = _service().listen(person(), call_id)
    recording = found.recording
    return jsonify(
        {
            "url": url_for("recordings.play", link=found.link),
            "expires_in_s": found.expires_in_s,
            "started_at": instant(recording.started_at),
            "duration_ms": recording.duration_ms,
            "paused_ms": recording.paused_ms,
            "truncated": recording.truncated,
        }
    )


@blueprint.get("/play/<link>")
@requires(*LISTENERS)
def play(link: str) -> ResponseReturnValue:
    """The sound, whole or the range a player asks for (RFC 9110 §14)."""
    service = _service()
    sound = service.open(person(), link)
    asked = request.range
    span = asked.range_for_length(sound.size) if asked is not None else (0, sound.size)
    if span is None:
        sound.close()
        return Response(status=416, headers={"Content-Range": f"bytes */{sound.size}"})
    start, end = span
    response = Response(_pieces(service, sound, start, end), content_type=sound.content_type)
    response.call_on_close(sound.close)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Length"] = str(end - start)
    response.headers["Content-Disposition"] = "inline"
    if asked is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{sound.size}"
    return response


def _pieces(service: RecordingService, sound: Sound, start: int, end: int) -> Iterator[bytes]:
    while start < end:
        piece = service.read(sound, start, min(PIECE, end - start))
        yield piece
        start += len(piece)


def _service() -> RecordingService:
    service: RecordingService = current_app.extensions["desk"].recordings
    return service
