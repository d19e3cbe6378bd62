"""The desk does not keep what it has freed."""

from __future__ import annotations

from agent_desk.memory import free_memory
from tests.memory import gives_back


def test_what_is_free_between_what_lives_goes_back_to_the_system() -> None:
    gives_back(free_memory)
