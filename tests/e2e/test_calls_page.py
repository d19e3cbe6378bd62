"""The calls of a day as a lead opens them: the recording with its pause, and the SIP ladder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import pytest

from agent_desk.services.running.day_figures import JST
from tests.e2e.browser import Desk, Visit, until
from tests.product import SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

HUMS = Listed("録音 一", "09003009440")  # hums 440 Hz until we hang up
OPERATOR = "佐々木 翔太"
HIDDEN = HUMS.number[3:7]
HUM_HZ = 440
AUDIBLE_DBFS, SILENT_DBFS = -45.0, -80.0
WINDOW_S = 0.1
# What stalled just before a pause or in it, and comes in a burst after it, finds its place there.
STALL_S = 1.0
# The page keeps its audio element to itself; the test wants to know what it really does.
KEEP_AUDIO = """
const Native = Audio;
window.Audio = function () { return (window.__audio = new Native()); };
"""
# The columns of the picture, of operator and customer.
COLUMNS = """() => [...document.querySelectorAll('.wave-all path')].map((path) =>
  [...path.getAttribute('d').matchAll(/v(-?\\d+)h/g)].map((each) => Math.abs(Number(each[1]))))"""
SILENT_COLUMN, HEARD_COLUMN = 1, 10  # of a hundred
# Loudness of each tenth of a second, dBFS, of operator and customer.
LOUDNESS = """async () => {
  const data = await (await fetch(window.__audio.src)).arrayBuffer();
  const sound = await new AudioContext().decodeAudioData(data);
  const tenth = Math.floor(sound.sampleRate / 10);
  const loudness = (samples) =>
    10 * Math.log10(samples.reduce((sum, one) => sum + one * one, 1e-12) / samples.length);
  return [0, 1].map((side) => sound.getChannelData(side)).map((all) =>
    [...Array(Math.floor(sound.length / tenth)).keys()].map((n) =>
      loudness(all.slice(n * tenth, (n + 1) * tenth))));
}"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("calls_page"))
    # A browser's start beside everything else may starve the gateway; that is not tested here.
    product._extra["GATEWAY_LAG_LIMIT_MS"] = "2000"
    product.replace_lists(SALES, [HUMS])
    product.set_campaign(SALES, mode="progressive", screening="off")
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def test_a_call_is_recorded_with_its_pause_and_looked_into_afterwards(
    product: Product, visit: Callable[..., Any]
) -> None:
    operator: Desk = visit(product, Desk)
    call_id, paused_s = talk_with_a_pause(operator)
    operator.expect_problem("403")  # the browser's line on the refusal
    refused = operator.page.goto(f"{product.url}/reports/calls")
    assert refused is not None and refused.status == 403

    lead: Visit = visit(product, Visit)
    lead.page.add_init_script(KEEP_AUDIO)
    lead.sign_in("lead1")
    lead.page.goto(f"{product.url}/reports/calls?show=talked")
    row = lead.by("call-row", call=call_id).inner_text()
    assert row.startswith(f"{product.now().astimezone(JST):%H:}")
    assert HIDDEN not in row
    assert "オペレーターが終話" in row

    hear(lead, paused_s)
    listened = "SELECT DISTINCT actor FROM audit WHERE action = 'recording.listened'"
    assert product.query(f"{listened} AND subject = ?", f"call:{call_id}") == [("lead1",)]
    assert lead.problems == []
    # The browser's lines on the ended link and the missing gateway.
    lead.expect_problem("Failed to load resource")
    hear_on_after_the_link_has_ended(lead)

    read_the_ladder(lead)
    see_who_paused_the_recording(visit(product, Visit), call_id)
    product.stop("gateway")
    lead.by("open-ladder").press("Enter")
    lead.wait_text("ladder-row", "ゲートウェイが接続されていません")


def see_who_paused_the_recording(admin: Visit, call_id: str) -> None:
    """In the audit trail of the call, from the row's own link."""
    admin.sign_in("admin1")
    admin.page.goto(f"{admin.url}/admin/audit?action=recording.paused")
    row = admin.by("audit-row", action="recording.paused")
    assert "録音を一時停止" in row.inner_text() and OPERATOR in row.inner_text()
    row.locator('a[href*="subject="]').click()
    resumed = admin.by("audit-row", action="recording.resumed")
    until(lambda: resumed.count() == 1, what="the rows of this call alone")
    assert "録音を再開" in resumed.inner_text() and call_id in admin.page.url


def talk_with_a_pause(desk: Desk) -> tuple[str, float]:
    """A talk in the middle of which nothing is kept: its call's id, and for how long, seconds."""
    desk.sign_in("operator1")
    desk.go_available()
    desk.take_call(HUMS.name)
    call_id = str(desk.state()["call"]["id"])
    desk.wait_heard(HUM_HZ)
    talk_on(1.0)
    assert desk.by("recording-paused").is_hidden()
    desk.by("pause-recording").press("Enter")
    desk.wait_text("recording-paused", "無音で保存されます")
    began = time.monotonic()
    talk_on(2.5)
    paused_s = time.monotonic() - began
    desk.by("recording-paused").get_by_role("button").press("Enter")
    desk.wait_gone("recording-paused")
    talk_on(1.5)
    desk.finish_call(away=True)
    return call_id, paused_s


def talk_on(seconds: float) -> None:
    began = time.monotonic()
    until(lambda: time.monotonic() - began > seconds, what="the talk")


def hear(lead: Visit, paused_s: float) -> None:
    """Play, seek, go faster, come to the end: all by keyboard."""
    lead.by("play-recording").press("Enter")
    lead.wait_shown("recording-player")
    until(lambda: at(lead) > 0.3, what="the recording goes on")
    assert lead.page.evaluate("document.activeElement.dataset.testid") == "recording-play"
    assert "無音" in lead.text("recording-problem")

    lead.by("recording-play").press("Enter")
    until(lambda: lead.page.evaluate("window.__audio.paused"), what="a stop")
    for side in lead.page.evaluate(LOUDNESS):
        assert_silent_between_sounds(side, paused_s)
    see_where_it_is_loud(lead, paused_s)
    before = at(lead)
    lead.by("recording-seek").press("ArrowRight")
    until(lambda: at(lead) > before + 1, what="a later place")
    lead.by("recording-seek").press("Home")
    until(lambda: at(lead) == 0, what="the beginning")
    lead.by("recording-speed").select_option("2")
    lead.by("recording-play").press("Enter")
    until(lambda: float(lead.by("recording-seek").input_value()) > 1, what="the slider goes on")
    assert lead.page.evaluate("window.__audio.playbackRate") == 2
    until(lambda: lead.page.evaluate("window.__audio.ended"), what="the end")
    assert lead.by("recording-player").get_attribute("data-state") == "stopped"


def see_where_it_is_loud(lead: Visit, paused_s: float) -> None:
    """Two parties' sound with the pause between, and a place is chosen by a click on it."""
    wave = lead.by("recording-player").locator(".recording-wave")
    until(lambda: wave.get_attribute("data-wave") == "drawn", what="the picture")
    length_s = float(lead.page.evaluate("window.__audio.duration"))
    for columns in lead.page.evaluate(COLUMNS):
        heard = [n for n, height in enumerate(columns) if height > HEARD_COLUMN]
        assert heard, columns
        pieces = groupby(columns[heard[0] : heard[-1]], key=lambda height: height <= SILENT_COLUMN)
        longest = max((len(list(piece)) for silent, piece in pieces if silent), default=0)
        assert longest * length_s / len(columns) > paused_s - STALL_S, columns
    box = lead.by("recording-seek").bounding_box()
    assert box is not None
    lead.page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
    until(lambda: abs(at(lead) - 0.75 * length_s) < 0.3, what="the place that was clicked")
    played = lead.page.locator(".recording-wave clipPath rect").get_attribute("width") or "0"
    assert float(played) == pytest.approx(0.75 * len(columns), abs=8)
    lead.by("recording-seek").press("Home")


def assert_silent_between_sounds(side: list[float], paused_s: float) -> None:
    """A sound, the silence of the whole pause in one piece, and a sound again.

    A busy machine swallows sound elsewhere too: the pause is the longest of the silences.
    """
    heard = [n for n, dbfs in enumerate(side) if dbfs > AUDIBLE_DBFS]
    assert heard, side
    pieces = groupby(side[heard[0] : heard[-1]], key=lambda dbfs: dbfs < SILENT_DBFS)
    longest = max((len(list(piece)) for silent, piece in pieces if silent), default=0)
    assert longest * WINDOW_S > paused_s - STALL_S, side


def hear_on_after_the_link_has_ended(lead: Visit) -> None:
    """A browser that is refused more of the sound gets it by a new link."""
    lead.page.evaluate("window.__audio.src = '/api/v1/recordings/play/of-an-hour-ago'")
    until(lambda: at(lead) > 0.3, what="the recording, by another link")
    assert lead.by("recording-problem").get_attribute("data-level") == "note"
    lead.by("recording-close").press("Enter")
    lead.wait_gone("recording-player")
    assert lead.page.evaluate("document.activeElement.dataset.testid") == "play-recording"


def at(lead: Visit) -> float:
    """Which second of the recording is heard."""
    return float(lead.page.evaluate("window.__audio.currentTime"))


def read_the_ladder(lead: Visit) -> None:
    """Every message has a line that is read out, and opens; none holds the number."""
    lead.by("open-ladder").press("Enter")
    lead.wait_shown("ladder")
    lines = [line.strip() for line in lead.by("ladder").locator("summary").all_inner_texts()]
    assert any("INVITE を" in line and "へ送信" in line for line in lines), lines
    assert any("200 OK (INVITE) を" in line and "から受信" in line for line in lines), lines
    lead.by("ladder").locator("summary").first.press("Enter")
    until(lead.by("ladder").locator("pre").first.is_visible, what="the message itself")
    whole = lead.by("ladder").locator("pre").all_text_contents()
    assert HUMS.number[1:] not in "".join(whole)
    assert HIDDEN not in whole[0].splitlines()[0]
    lead.by("open-ladder").press("Enter")
    lead.wait_gone("ladder")
