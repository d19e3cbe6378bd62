"""A status as the form of `/admin/statuses` has it."""

from __future__ import annotations

import re
from collections.abc import Collection

from werkzeug.datastructures import MultiDict

from agent_desk.services.campaigns.statuses import BUILT_IN, REQUIRED, StatusWanted

LONGEST = 60  # of any field; what is longer is somebody's script, not somebody's words


def wanted_from(form: MultiDict[str, str], known: Collection[str]) -> StatusWanted:
    """What was filled in. Without a code it gets one of its English label; `known` are taken."""

    def text(name: str) -> str:
        return form.get(name, "").strip()[:LONGEST]

    return StatusWanted(
        code=text("code") or code_for(text("label_en"), known),
        label_ja=text("label_ja"),
        label_en=text("label_en") or text("label_ja"),
        hotkey=text("hotkey") or None,
        colour=text("colour").lower(),
        needs_identity=bool(form.get("needs_identity")),
        retry=text("retry") or None,
        bars=text("bars") or None,
        third_party=bool(form.get("third_party")),
        required=tuple(each for each in REQUIRED if each in form.getlist("required")),
    )


def code_for(label: str, known: Collection[str]) -> str:
    """A code nobody has: that of the words, or a number when they give none."""
    words = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:36].strip("_")
    code = words if re.match(r"[a-z]", words) and len(words) > 1 else "status"
    taken = {*known, *BUILT_IN}
    if code not in taken:
        return code
    return next(f"{code}_{n}" for n in range(2, len(taken) + 3) if f"{code}_{n}" not in taken)
