"""One gateway with a good talk for all the attacks of a module: to start it takes seconds."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hostile.scene import Scene


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    scene = Scene(tmp_path_factory.mktemp("scene"))
    await scene.open()
    yield scene
    await scene.close()
