"""What runs beside the hub, and who never waits for a thread of it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agent_desk.hub import MOST_OFF_HUB, ThreadHub
from tests.waiting import until

THREADS = 20  # of eventlet's pool


def test_who_holds_the_write_door_waits_for_no_queue_of_log_ins() -> None:
    begun: list[int] = []
    checked = threading.Event()

    def check(number: int) -> None:
        begun.append(number)
        checked.wait()

    with ThreadPoolExecutor(THREADS) as pool:

        def off_hub(work: Any, *arguments: Any) -> Any:
            return pool.submit(work, *arguments).result()

        hub = ThreadHub(off_hub)
        for number in range(2 * THREADS):
            hub.spawn(hub.off_hub, check, number)
        until(lambda: len(begun) >= MOST_OFF_HUB)
        commit = threading.Thread(target=hub.aside, args=(begun.append, -1), daemon=True)
        commit.start()
        commit.join(10)
        at_once = list(begun)
        checked.set()
        until(lambda: len(begun) == 2 * THREADS + 1)
    assert -1 in at_once
    assert len(at_once) == MOST_OFF_HUB + 1
