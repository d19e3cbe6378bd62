"""Names on the wire to the pages: each has a handler here and is known over there."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

from agent_desk.dialer.effects import Effect
from agent_desk.services.running import effects as runner
from agent_desk.sockets import publisher
from agent_desk.sockets.desk import DeskNamespace
from agent_desk.sockets.events import (
    DESK_EVENTS,
    FLOOR_EVENTS,
    PULSE_EVENTS,
    ROLES_OF_NAMESPACE,
    SENT,
    WALLBOARD_EVENTS,
)
from agent_desk.sockets.floor import FloorNamespace
from agent_desk.sockets.pulse import PulseNamespace
from agent_desk.sockets.strict import StrictNamespace
from agent_desk.sockets.wallboard import WallboardNamespace
from tests.house.sources import ROOT, texts

NAMESPACES: dict[type[StrictNamespace], frozenset[str]] = {
    DeskNamespace: frozenset(DESK_EVENTS),
    FloorNamespace: frozenset(FLOOR_EVENTS),
    PulseNamespace: frozenset(PULSE_EVENTS),
    WallboardNamespace: frozenset(WALLBOARD_EVENTS),
}
QUOTED = re.compile(r"""["'`]([a-z][a-z_]*)["'`]""")


@pytest.mark.parametrize("namespace", NAMESPACES, ids=lambda each: each.__name__)
def test_every_event_has_its_handler_and_every_handler_its_event(
    namespace: type[StrictNamespace],
) -> None:
    handlers = {name[3:] for name in dir(namespace) if name.startswith("on_")}
    assert handlers == NAMESPACES[namespace] == set(namespace.EVENTS)
    for name in handlers:
        parameters = list(inspect.signature(getattr(namespace, f"on_{name}")).parameters)
        assert len(parameters) == 5, f"{name}: self, socket, sid, payload, command id"


def scripts() -> str:
    """The pages' own scripts."""
    return "\n".join(
        source.text for source in texts() if source.path.startswith("agent_desk/static/js/")
    )


def test_the_pages_know_every_event_they_may_send_and_send_no_other() -> None:
    text = scripts()
    known = set(QUOTED.findall(text))
    for events in NAMESPACES.values():
        assert not events - known, f"no page sends {events - known}"
    calls = r"""\.(?:send|act|emit)\(\s*["']([a-z_]+)["']"""
    sent = set(re.findall(calls, text))
    assert sent, "the pages send nothing that is found here"
    assert not sent - frozenset().union(*NAMESPACES.values())


def test_the_pages_listen_to_everything_the_desk_sends() -> None:
    known = set(QUOTED.findall(scripts()))
    for namespace, events in SENT.items():
        assert not events - known, f"{namespace}: no page listens to {events - known}"


def test_the_desk_sends_only_what_is_listed() -> None:
    sources = Path(publisher.__file__).parent.glob("*.py")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    emitted = set(re.findall(r"""emit\(\s*["']([a-z_]+)["']""", text))
    assert emitted == frozenset().union(*SENT.values())
    assert set(SENT) == set(ROLES_OF_NAMESPACE)


def test_every_effect_has_a_branch_in_its_runner() -> None:
    source = inspect.getsource(runner.EffectRunner.run)
    branches = set(re.findall(r"effects\.(\w+)\(\)", source))
    assert branches == {effect.__name__ for effect in get_args(Effect)}


def test_only_these_modules_emit() -> None:
    outward = ("sockets", "gateway", "routes", "services")
    emitters = {
        str(path.relative_to(ROOT))
        for folder in outward
        for path in (ROOT / "agent_desk" / folder).rglob("*.py")
        if re.search(r"\b(?:self|server|io)\.emit\(", path.read_text(encoding="utf-8"))
    }
    # `taken_over` and `notice` go to the socket at hand; all else through publisher and link.
    assert emitters == {"agent_desk/sockets/desk.py"}
