"""A call of a campaign that screens nobody."""

from __future__ import annotations

import pytest

from tests.softphone.calls.scene import Scene


@pytest.fixture
async def scene() -> Scene:
    return Scene()
