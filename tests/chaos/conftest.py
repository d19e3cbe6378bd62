"""The small desk of `tests/agent_desk`, for faults that need no processes."""

from __future__ import annotations

from tests.agent_desk.conftest import small_desk, sqlite_template, sqlite_url

__all__ = ["small_desk", "sqlite_template", "sqlite_url"]
