"""The group commit of a small centre for whoever tests it."""

from __future__ import annotations

from tests.agent_desk.services.running.small_commits import log, make

__all__ = ["log", "make"]
