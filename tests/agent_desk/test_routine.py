"""What the desk does by itself, again and again."""

from __future__ import annotations

import gc
import weakref

from tests.agent_desk.small_desk import SmallDesk


class _Link:
    """Refers to itself, as statements and connections do when they are done with."""

    def __init__(self) -> None:
        self.other = self


def test_what_refers_to_itself_and_has_grown_old_is_freed_within_a_minute(
    small_desk: SmallDesk,
) -> None:
    link = _Link()
    gone = weakref.ref(link)
    gc.collect(1)  # it lives on, among the old
    gc.disable()
    try:
        del link
        for job in small_desk.desk.routine.jobs():
            if job.every_s <= 60:
                job.work()
    finally:
        gc.enable()
    assert gone() is None
