"""F26: a gateway whose core is busy with others' work: talks go on, and nothing of it is restarted.

Descriptors that run out are tested in `tests/softphone/gateway/test_starvation.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.scene import Scene
from tests.softphone.webrtc_client import BrowserClient

HOGS = 4


async def busy_core(folder: Path, *, lasts_s: float) -> dict[str, float]:
    """One talk in a gateway that shares its core with `HOGS` that never rest.

    `lost`: the share of the talk's packets that did not arrive, `gap`: the longest pause in either
    direction in seconds, `seat`: seconds until another seat is connected meanwhile.
    """
    scene = Scene(folder)
    await scene.open()
    try:
        pid = scene.gateway.pid
        ears = (scene.browser, scene.good.customer)
        with _hogs(pid):
            for ear in ears:
                ear.listen_afresh()
            seat = asyncio.create_task(_seat_s(scene))
            lost = await scene.lost_during(lambda: _last(lasts_s))
            gap_s = max(ear.longest_gap_s for ear in ears)
            seat_s = await seat
        await scene.hear_each_other()
        scene.assert_unharmed()
        assert scene.gateway.pid == pid
        return {"lost": lost, "gap": gap_s, "seat": seat_s}
    finally:
        await scene.close()


async def _last(seconds: float) -> None:
    await asyncio.sleep(seconds)  # pace: the fault


async def _seat_s(scene: Scene) -> float:
    loop = asyncio.get_running_loop()
    began, browser = loop.time(), BrowserClient(scene.ticker)
    await scene.seat("late", browser)
    took_s = loop.time() - began
    await browser.close()
    return took_s


@contextlib.contextmanager
def _hogs(pid: int) -> Iterator[None]:
    """Processes busy on the core that `pid` is put on; we move to the others, if any are."""
    before = os.sched_getaffinity(0)
    theirs, *ours = sorted(before)
    hogs = []
    try:
        os.sched_setaffinity(0, ours or before)
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), {theirs})
        for _ in range(HOGS):
            hog = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            os.sched_setaffinity(hog.pid, {theirs})
            hogs.append(hog)
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
        os.sched_setaffinity(0, before)
