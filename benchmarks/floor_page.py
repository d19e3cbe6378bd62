"""How smoothly a lead's page shows a floor of a thousand seats, in Chromium.

    python -m benchmarks.floor_page [--seats 1000] [--changes 50] [--seconds 20] [--layout tiles]

The page, its files and its ticket come from a desk. The socket is a script that speaks the desk's
protocol: a real snapshot, whose one tile is made a thousand of, then numbered updates four times a
second, as the desk sends them. What a real desk of a thousand seats costs is another matter
(`benchmarks.desk_load`); here the browser is what is measured. Chromium draws without a graphics
card and on the machine's own cores, so that figures are worth comparing with each other only.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, WebSocketRoute, sync_playwright

from benchmarks.table import percentiles
from tests.agent_desk.small_desk import SmallDesk
from tests.e2e.browser import Visit, chromium, person
from tests.e2e.small_product import open_page, served
from tests.waiting import until

FLUSH_S = 0.25
PROBE = "seat0000"  # its team tells when an update was sent
BUSY_WITH = {
    "TaskDuration": "page's thread in all",
    "ScriptDuration": "scripts",
    "RecalcStyleDuration": "styles",
    "LayoutDuration": "layout",
}
ASKED = re.compile(r"42/floor,(\d+)")
STATES = ("talking", "talking", "talking", "available", "wrap_up", "away", "hold", "reserved")
WATCH = """
window.__seen = { long: [], frames: [], lags: [], first: null };
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.__seen.long.push(duration);
}).observe({ type: 'longtask', buffered: true });
let before = null, told = null;
(function look(now) {
  const seen = window.__seen;
  if (before !== null && now - before < 5000) seen.frames.push(now - before);
  before = now;
  const seat = document.querySelector('[data-seat="seat0000"]');
  const text = seat && (seat.querySelector('[data-part=team]')
    ?? seat.querySelector('[data-part=name]')).textContent;
  if (text && text !== told) {
    told = text;
    const lag = Date.now() - Number(text.split('@').at(-1));
    if (seen.first === null) seen.first = lag; else seen.lags.push(lag);
  }
  requestAnimationFrame(look);
})();
"""


class Feed:
    """A floor whose seats change, told as the desk tells it."""

    def __init__(self, state: dict[str, Any], seats: int, seed: int = 7) -> None:
        self._dice = random.Random(seed)
        [tile] = state["seats"].values()
        self.seats = {
            name: self._seat(tile, name, number)
            for number, name in enumerate(f"seat{number:04d}" for number in range(seats))
        }
        self.state = {**state, **self._plan(), "seats": self.seats}
        self.seq = 1
        self._page: WebSocketRoute | None = None

    def open(self, page: WebSocketRoute) -> None:
        """A page has come: shake hands, then answer what it asks."""
        page.on_message(lambda message: self._hear(page, str(message)))
        hello = {"sid": "e", "upgrades": [], "pingInterval": 60_000, "pingTimeout": 60_000}
        page.send("0" + json.dumps({**hello, "maxPayload": 10_000_000}))

    @property
    def ready(self) -> bool:
        return self._page is not None

    def snapshot(self) -> None:
        """The whole floor."""
        self._stamp()
        self._say("snapshot", {"seq": self.seq, "state": self.state})

    def update(self, changes: int) -> None:
        """So many seats move."""
        self.seq += 1
        moved = self._dice.sample(sorted(self.seats.keys() - {PROBE}), min(changes, 5000))
        for name in moved:
            seat = self.seats[name]
            talked = self._dice.randrange(600)
            fresh = {
                "state": self._dice.choice(STATES),
                "since": _now(),
                "calls": seat["calls"] + 1,
            }
            self.seats[name] = {**seat, **fresh, "talk_s": seat["talk_s"] + talked}
        self._stamp()
        told = {name: self.seats[name] for name in (PROBE, *moved)}
        self._say("update", {"seq": self.seq, "changes": {"seats": told}})

    def _seat(self, tile: dict[str, Any], name: str, number: int) -> dict[str, Any]:
        seat = copy.deepcopy(tile)
        calls, wrap_s = self._dice.randrange(80), self._dice.randrange(20, 90)
        seat |= {"id": name, "name": f"担当 {number:04d}", "team": f"チーム{number % 25}"}
        seat |= {"state": self._dice.choice(STATES), "since": _now(-self._dice.randrange(400))}
        seat |= {"calls": calls, "wrap_avg_s": wrap_s, "talk_s": calls * 180.0}
        seat |= {"phase": "bridged"}  # in a talk, one that can be listened to
        if seat["state"] in ("talking", "hold"):
            seat["customer"] = {"name": "山••", "number": f"••{number % 100:02d}"}
            seat["quality"] |= {"bars": 5}
        return seat

    def _plan(self) -> dict[str, Any]:
        """Rooms of a hundred desks, all taken."""
        rooms = {
            str(number): {"id": number, "name": f"{number}F", "rows": 10, "columns": 10}
            for number in range(1, len(self.seats) // 100 + 2)
        }
        places = {
            name: {
                "room": number // 100 + 1,
                "row": number % 100 // 10 + 1,
                "column": number % 10 + 1,
                **{"name": name, "by": "lead1", "by_name": "lead1", "at": _now()},
            }
            for number, name in enumerate(self.seats)
        }
        return {"rooms": rooms, "places": places}

    def _stamp(self) -> None:
        sent = f"@{time.time() * 1000:.0f}"
        self.seats[PROBE] = {**self.seats[PROBE], "team": sent, "name": f"担当{sent}"}

    def _hear(self, page: WebSocketRoute, message: str) -> None:
        if message.startswith("40/floor"):
            page.send('40/floor,{"sid":"s"}')
            self._page = page
            self.snapshot()
        elif found := ASKED.match(message):
            page.send(f"43/floor,{found[1]}" + json.dumps([{"ok": True}]))

    def _say(self, event: str, payload: dict[str, Any]) -> None:
        assert self._page is not None
        told = json.dumps([event, {"server_time": _now(), **payload}], ensure_ascii=False)
        self._page.send(f"42/floor,{told}")


def _now(seconds: float = 0) -> str:
    instant = datetime.fromtimestamp(time.time() + seconds, UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def real_state(desk: SmallDesk) -> dict[str, Any]:
    """What this desk tells a lead while one operator is there."""
    desk.page("operator1")
    return copy.deepcopy(desk.page("manager1", "/floor").follow())


class Watch:
    """What the browser says of itself between two moments."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._cdp: CDPSession = page.context.new_cdp_session(page)
        # CPU time: what others do on the machine meanwhile is not the page's.
        self._cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._began = time.monotonic()
        self._before = self._metrics()

    def _metrics(self) -> dict[str, float]:
        told = self._cdp.send("Performance.getMetrics")["metrics"]
        return {each["name"]: each["value"] for each in told}

    def since(self) -> dict[str, float]:
        """Share of the time since the last look that the page's thread was at something."""
        now, at = self._metrics(), time.monotonic()
        took = {name: now[name] - self._before[name] for name in BUSY_WITH}
        shares = {name: each / (at - self._began) for name, each in took.items()}
        self._before, self._began = now, at
        return shares

    def heap_mb(self) -> float:
        """What scripts hold, after a collection."""
        self._cdp.send("HeapProfiler.collectGarbage")
        return self._metrics()["JSHeapUsedSize"] / 2**20


@contextmanager
def opened(folder: Path, seats: int, layout: str) -> Iterator[tuple[Page, Feed]]:
    """A lead's page at the feed; the snapshot has not been read yet."""
    with served(folder) as (desk, site), sync_playwright() as playwright:
        feed = Feed(real_state(desk), seats)
        with chromium(playwright, folder) as browser:
            page = person(browser).new_page()
            page.route_web_socket(re.compile("/socket.io/"), feed.open)
            page.add_init_script(f"localStorage.setItem('floor-layout', '{layout}')")
            page.add_init_script(WATCH)
            open_page(desk, Visit(page, site.url), "admin1", "/floor")
            yield page, feed


def measure(page: Page, feed: Feed, *, seconds: float, changes: int) -> None:
    """Print one table."""
    until(lambda: _look(page)["first"] is not None, what="the first tile")
    page.evaluate("document.getElementById('seats-title').scrollIntoView()")
    page.wait_for_timeout(2000)
    watch = Watch(page)
    begun = _look(page)
    print(f"| snapshot sent → first tile in a frame | {begun['first']:.0f} ms |")
    print(f"| long tasks while it opened | {_long(begun['long'])} |")
    page.evaluate("Object.assign(window.__seen, { long: [], frames: [], lags: [] })")
    per_flush, owed = changes * FLUSH_S, 0.0
    heap, ends = watch.heap_mb(), time.monotonic() + seconds
    watch.since()
    while time.monotonic() < ends:
        owed += per_flush
        feed.update(int(owed))
        owed -= int(owed)
        page.wait_for_timeout(1000 * FLUSH_S)
    spent, seen = watch.since(), _look(page)
    print(f"| long tasks in {seconds:.0f} s of {changes} changes/s | {_long(seen['long'])} |")
    for name, words in BUSY_WITH.items():
        print(f"| {words}, of a core | {100 * spent[name]:.1f} % |")
    print(f"| JS heap before → after | {heap:.1f} → {watch.heap_mb():.1f} MB |\n")
    print("| ms | samples | p50 | p95 | p99 | worst |\n|---|---|---|---|---|---|")
    print(f"| between two frames | {percentiles(seen['frames'])} |")
    print(f"| update sent → in the DOM | {percentiles(seen['lags'])} |")


def _look(page: Page) -> dict[str, Any]:
    seen: dict[str, Any] = page.evaluate("window.__seen")
    return seen


def _long(tasks: list[float]) -> str:
    if not tasks:
        return "none over 50 ms"
    return f"{len(tasks)} over 50 ms, {sum(tasks):.0f} ms in all, the longest {max(tasks):.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seats", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=50, help="state changes a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--layout", choices=("tiles", "table", "plan"), default="tiles")
    parser.add_argument("--picture", type=Path, help="keep a picture of the page here")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        opened(Path(folder), options.seats, options.layout) as (page, feed),
    ):
        print(f"{options.seats} seats, {options.layout}\n\n| | |\n|---|---|")
        measure(page, feed, seconds=options.seconds, changes=options.changes)
        if options.picture:
            page.screenshot(path=options.picture)


if __name__ == "__main__":
    main()
