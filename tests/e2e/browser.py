"""People at their pages: Chromium as they drive it, and what an operator hears."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Error,
    Locator,
    Page,
    Playwright,
    WebSocket,
)

from softphone.audio.tones import tone
from softphone.audio.wav import write_wav
from tests import waiting
from tests.product import Listed

MICROPHONE_HZ = 1000
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
)
# A look at a page costs a millisecond of three processes: often enough for what a person sees.
until = partial(waiting.until, every_s=0.04)
# Keeps an analyser on what the page plays; levels are dBFS of a tone at one frequency.
EAR = """(hz) => {
  const audio = [...document.querySelectorAll('audio')].find((a) => a.srcObject);
  if (!audio) return null;
  if (window.__ear?.stream !== audio.srcObject) {
    const context = window.__ear?.context ?? new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 4096;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(audio.srcObject).connect(analyser);
    window.__ear = { analyser, context, stream: audio.srcObject };
  }
  const { analyser, context } = window.__ear;
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const place = Math.round((hz * analyser.fftSize) / context.sampleRate);
  const loudest = (levels) => Math.max(-200, ...levels);
  return { near: loudest(bins.slice(place - 1, place + 2)), any: loudest(bins) };
}"""
# Lets a test say on the page's own socket what the page itself would never say.
KEEP_SOCKETS = """
const Native = WebSocket;
window.__sockets = [];
window.WebSocket = class extends Native {
  constructor(...where) { super(...where); window.__sockets.push(this); }
};
"""
SAY = """(frame) => {
  window.__sockets.filter((socket) => socket.readyState === 1).at(-1).send(frame);
}"""
UNHEARD_DBFS = -200.0
SILENT_DBFS = -75.0
LOUD_DBFS = -45.0
EVENT = re.compile(r"42(/\w+),(\d*)(\[.*)", re.DOTALL)
ANSWER = re.compile(r"43(/\w+),(\d+)(\[.*)", re.DOTALL)


class Visit:
    """One page of one person, and everything its sockets said."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self._problems: list[str] = []
        self._expected: list[str] = []
        self.received: list[str] = []
        self.sent: list[str] = []
        page.add_init_script(KEEP_SOCKETS)
        page.on("pageerror", lambda error: self._problems.append(str(error)))
        page.on("console", self._note)
        page.on("websocket", self._listen)
        page.on("dialog", lambda dialog: dialog.accept())

    def sign_in(self, username: str, password: str = "demo") -> None:
        """Log in by the form; the page of the person's role is open then."""
        self.page.goto(f"{self.url}/login")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(re.compile("/(desk|floor|reports|admin)$"))

    def by(self, test_id: str, **attributes: str) -> Locator:
        """What carries this `data-testid`, and these `data-…` attributes."""
        more = "".join(f'[data-{name}="{value}"]' for name, value in attributes.items())
        return self.page.locator(f'[data-testid="{test_id}"]{more}')

    def text(self, test_id: str) -> str:
        return self.by(test_id).inner_text()

    def wait_text(self, test_id: str, wanted: str, *, within_s: float = waiting.PATIENCE_S) -> None:
        """Until the element's text holds `wanted`."""
        until(
            lambda: wanted in self.text(test_id),
            within_s=within_s,
            what=f"{test_id}: {wanted!r}, is {self.by(test_id).inner_text()!r}",
        )

    def wait_shown(self, test_id: str, *, within_s: float = waiting.PATIENCE_S) -> None:
        until(self.by(test_id).is_visible, within_s=within_s, what=f"{test_id} is shown")

    def wait_gone(self, test_id: str, *, within_s: float = waiting.PATIENCE_S) -> None:
        until(self.by(test_id).is_hidden, within_s=within_s, what=f"{test_id} is gone")

    def take_in(self) -> None:
        """Let Playwright hand over what the sockets have said by now.

        Asked of the browser and not of the page, whose answer dies with a navigation.
        """
        self.page.context.cookies()

    @property
    def problems(self) -> list[str]:
        """What the browser complained of, but for what the test brought about itself."""
        return [
            problem
            for problem in self._problems
            if not any(expected in problem for expected in self._expected)
        ]

    def expect_problem(self, text: str) -> None:
        """A complaint that holds `text` is what the test is about, whenever it is told."""
        self._expected.append(text)

    def commands(self, event: str) -> list[dict[str, Any]]:
        """Payloads of an event the page has sent, first to last."""
        found = (EVENT.fullmatch(frame) for frame in self.sent)
        told = (json.loads(match.group(3)) for match in found if match)
        return [message[1] for message in told if message[0] == event]

    def state(self) -> dict[str, Any]:
        """What the desk told this page, put together as the page does it."""
        self.take_in()
        state: dict[str, Any] = {}
        for match in filter(None, (EVENT.fullmatch(frame) for frame in self.received)):
            name, *rest = json.loads(match.group(3))
            if name == "snapshot":
                state = dict(rest[0]["state"])
            elif name == "update":
                state.update(rest[0]["changes"])
        return state

    def say(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send an event past the page's own rules; the desk's answer."""
        number = 900_000 + len(self.sent)
        self.page.evaluate(SAY, f"42/desk,{number}{json.dumps([event, payload])}")

        def answer() -> dict[str, Any] | None:
            self.take_in()
            found = (ANSWER.fullmatch(frame) for frame in self.received)
            mine = [json.loads(m.group(3))[0] for m in found if m and m.group(2) == str(number)]
            return mine[0] if mine else None

        return until(answer, what=f"an answer to {event}") or {}

    def _note(self, message: Any) -> None:
        if message.type == "error" and "ERR_CONNECTION" not in message.text:
            self._problems.append(f"{message.text} ({message.location['url']})")

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: self.received.append(_text(frame)))
        socket.on("framesent", lambda frame: self.sent.append(_text(frame)))


class Desk(Visit):
    """The operator's page."""

    def another_tab(self) -> Desk:
        """A second page of the same browser."""
        tab = Desk(self.page.context.new_page(), self.url)
        tab.page.goto(f"{self.url}/desk")
        return tab

    def go_available(self) -> None:
        """Press 待機 once the page lets one; the device check passes by itself."""
        until(self.by("go-available").is_enabled, what="go-available")
        self.by("go-available").click()
        self.wait_state("available", "reserved", "talking")

    def take_call(self, name: str, *, within_s: float = waiting.PATIENCE_S) -> None:
        """Wait until this customer is on the line and on screen."""
        until(
            lambda: self.seat_state == "talking" and name in self.text("customer-name"),
            within_s=within_s,
            what=f"{name} on the line",
        )

    def take_next(
        self, customers: Sequence[Listed], *, within_s: float = waiting.PATIENCE_S
    ) -> Listed:
        """Wait for whoever of these is next on the line."""
        self.wait_state("talking", within_s=within_s)
        shown = until(lambda: self.text("customer-name"), what="a customer on screen")
        return next(customer for customer in customers if customer.name in shown)

    def finish_call(self, *, away: bool) -> None:
        """Hang up and save; the seat then is away, or takes the next customer."""
        if away and self.by("away-queued").is_hidden():
            self.by("go-away").click()
            self.wait_shown("away-queued")
        if self.seat_state in ("talking", "hold"):
            self.by("hang-up").click()
        self.wait_state("wrap_up")
        self.by("save-result").click()
        until(
            lambda: self.seat_state != "wrap_up" or self.by("counterpart").is_visible(),
            what="the result saved, or asked who was spoken to",
        )
        if self.by("counterpart").is_visible():
            self.by("counterpart-unknown").click()
        if away:
            self.wait_state("away")

    def wait_pressed(self, test_id: str, wanted: bool) -> None:
        """Until a status button is pressed, or not, and the desk has it."""
        button = self.by(test_id)
        until(
            lambda: (
                button.get_attribute("aria-pressed") == str(wanted).lower()
                and button.get_attribute("data-pending") != "true"
            ),
            what=f"{test_id} pressed: {wanted}",
        )

    def wait_note_kept(self) -> None:
        """Until the desk has acknowledged what the note says."""
        until(lambda: self.by("note-state").get_attribute("data-state") == "saved", what="kept")

    def figure(self, test_id: str) -> int:
        """One of the operator's own figures: seconds, or a count."""
        box = self.by(test_id)
        return int(box.get_attribute("data-seconds") or box.get_attribute("data-count") or 0)

    @property
    def seat_state(self) -> str | None:
        return self.by("seat-state").get_attribute("data-state")

    def wait_state(self, *states: str, within_s: float = waiting.PATIENCE_S) -> str:
        """Wait until the seat is in one of these states; which one."""

        def there() -> str | None:
            state = self.seat_state
            return state if state in states else None

        return until(there, within_s=within_s, what=f"{states}, is {self.seat_state}") or ""

    def wait_heard(self, hz: float, *, within_s: float = waiting.PATIENCE_S) -> None:
        """Until the operator hears a tone of this frequency."""
        until(
            lambda: self.heard_dbfs(hz) > LOUD_DBFS,
            within_s=within_s,
            what=lambda: f"{hz} Hz, {self._sounds(hz)}",
        )

    def wait_silence(self, *, within_s: float = waiting.PATIENCE_S) -> None:
        """Until the operator hears nothing at all."""
        until(
            lambda: self.loudest_dbfs() < SILENT_DBFS,
            within_s=within_s,
            what=lambda: f"silence, {self._sounds(0)}",
        )

    def _sounds(self, hz: float) -> str:
        """What the operator hears, and what the page says of it."""
        heard = f"is {self.heard_dbfs(hz):.0f} dBFS of {self.loudest_dbfs():.0f}"
        return f"{heard}; {self.seat_state}, {self.page.locator('body').inner_text()[:300]!r}"

    def heard_dbfs(self, hz: float) -> float:
        """Level of a tone in what the operator hears; −200 when nothing is played at all."""
        return self._levels(hz)["near"]

    def loudest_dbfs(self) -> float:
        """The loudest of all frequencies."""
        return self._levels(0)["any"]

    def _levels(self, hz: float) -> dict[str, float]:
        unheard = {"near": UNHEARD_DBFS, "any": UNHEARD_DBFS}
        try:
            return self.page.evaluate(EAR, hz) or unheard
        except Error as failed:
            if "context was destroyed" not in failed.message:
                raise
            return unheard  # asked just when another page was opened


@contextmanager
def chromium(
    playwright: Playwright, folder: Path, *, microphone_hz: float = MICROPHONE_HZ
) -> Iterator[Browser]:
    """A browser whose microphone hums."""
    with launched(playwright.chromium, folder, microphone_hz=microphone_hz) as browser:
        yield browser


@contextmanager
def launched(kind: BrowserType, folder: Path, *, microphone_hz: float) -> Iterator[Browser]:
    """The same where Playwright is running: `Browser.browser_type` of another browser."""
    folder.mkdir(parents=True, exist_ok=True)
    microphone = folder / "microphone.wav"
    write_wav(microphone, tone(microphone_hz, 1000, level_dbfs=-12, ramp_ms=0))
    browser = kind.launch(
        executable_path=shutil.which("chromium") or "/usr/bin/chromium",
        headless=True,
        args=[*ARGUMENTS, f"--use-file-for-fake-audio-capture={microphone}"],
    )
    try:
        yield browser
    finally:
        browser.close()


def person(browser: Browser, *, width: int = 1280, height: int = 720, **options: Any) -> Any:
    """A context of its own: another person at another machine."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, locale="ja-JP", **options
    )
    context.set_default_timeout(1000 * waiting.PATIENCE_S)
    return context


def _text(frame: str | bytes) -> str:
    return frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
