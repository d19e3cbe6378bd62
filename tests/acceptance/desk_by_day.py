"""The desk at ten in the morning, whatever trunk it has.

With a trunk of its own the product refuses to shift its clock, as it must: somebody could be
called at night. A test of such a trunk must still pass at night, and its carrier is on loopback.
So business time, and nothing else, is moved from outside; the gateway is told by the desk.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime

import config
from agent_desk.__main__ import serve

MORNING = datetime(2030, 11, 26, 1, 0, tzinfo=UTC)

_read = config.DeskConfig.from_environ
config.DeskConfig.from_environ = lambda environ: replace(  # type: ignore[method-assign]
    _read(environ), clock_start=MORNING, clock_anchor=datetime.now(UTC)
)

sys.exit(serve())
