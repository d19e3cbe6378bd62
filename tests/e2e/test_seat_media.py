"""A seat's audio where the way to it is hard: through a relay only, and without its microphone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from agent_desk.services.running.ice_servers import servers_for
from tests.e2e.browser import MICROPHONE_HZ, Desk, until
from tests.e2e.customer_ear import after_the_call
from tests.product import SALES, Listed, Product
from tests.relay import SECRET, Relay, needs_coturn, running_relay

pytestmark = [pytest.mark.browser, pytest.mark.processes]

FIRST = Listed("中継 一", "09003009520")
SECOND = Listed("集音 二", "09003119520")
THIRD = Listed("集音 三", "09003129520")
# A network that lets nothing out but the relay; the page's first credentials are of yesterday.
RELAY_ONLY = """
const Native = RTCPeerConnection;
const yesterday = STALE;
window.RTCPeerConnection = class extends Native {
  constructor(settings) {
    const first = window.__peers ? {} : { iceServers: yesterday };
    super({ ...settings, iceTransportPolicy: "relay", ...first });
    window.__peers = (window.__peers ?? []).concat(this);
  }
};
"""
RELAYED = """async () => {
  const report = await window.__peers.at(-1).getStats();
  for (const one of report.values()) {
    if (one.type === "candidate-pair" && one.nominated) {
      return report.get(one.localCandidateId)?.candidateType;
    }
  }
}"""
KEEP_TRACKS = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.__tracks = [];
navigator.mediaDevices.getUserMedia = async (wish) => {
  if (window.__denied) throw new DOMException("revoked", "NotAllowedError");
  const stream = await ask(wish);
  window.__tracks.push(...stream.getAudioTracks());
  return stream;
};
"""
# What Chromium does when a headset is unplugged or the permission is taken back: the track ends,
# and asking again is refused.
REVOKE = """() => {
  window.__denied = true;
  for (const track of window.__tracks) {
    track.stop();
    track.dispatchEvent(new Event("ended"));
  }
}"""


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with running_relay(tmp_path_factory.mktemp("relay")) as running:
        yield running


@pytest.fixture(scope="module")
def product(
    tmp_path_factory: pytest.TempPathFactory, prepared: Product, relay: Relay
) -> Iterator[Product]:
    product = prepared.copy(tmp_path_factory.mktemp("seat_media"))
    product._extra["ICE_SERVERS"] = json.dumps([{"urls": relay.url, "secret": SECRET}])
    # A browser's start beside everything else may starve the gateway; that is not tested here.
    product._extra["GATEWAY_LAG_LIMIT_MS"] = "2000"
    product.replace_lists(SALES, [FIRST, SECOND, THIRD])
    product.set_campaign(SALES, mode="progressive", screening="off")
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


@needs_coturn
def test_a_seat_behind_a_relay_talks_and_yesterdays_credentials_are_told_in_words(
    product: Product, visit: Callable[..., Desk], relay: Relay
) -> None:
    stale = servers_for(
        "operator1",
        [{"urls": relay.url, "secret": SECRET}],
        now=datetime.now(UTC) - timedelta(days=1),
    )
    desk = visit(product)
    desk.page.add_init_script(RELAY_ONLY.replace("STALE", json.dumps(stale)))
    desk.sign_in("operator1")
    until(lambda: "TURN" in desk.page.inner_text("body"), what="the relay's refusal")
    desk.go_available()  # on fresh credentials the page got by itself
    desk.take_call(FIRST.name)
    desk.wait_heard(520)
    assert desk.page.evaluate(RELAYED) == "relay"
    until(lambda: relay.sessions() >= 1, what="an allocation")
    desk.finish_call(away=True)
    ear = after_the_call(product, FIRST.number)
    assert ear.seconds_with_operator() > 0, f"the customer heard no {MICROPHONE_HZ} Hz"


def test_f12_a_seat_that_lost_its_microphone_gets_no_call_until_it_has_one_again(
    product: Product, visit: Callable[..., Desk]
) -> None:
    desk = visit(product)
    desk.page.add_init_script(KEEP_TRACKS)
    desk.sign_in("operator2")
    desk.go_available()
    desk.take_call(SECOND.name)
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")

    desk.page.evaluate(REVOKE)
    until(lambda: not any(live(desk)[-2:]), what="the page tells of its microphone")
    desk.by("save-result").click()
    desk.wait_state("available")
    told = len(live(desk))
    until(lambda: len(live(desk)) >= told + 3, what="three more pulses")
    assert not any(live(desk)[told:])
    assert calls_to(product, THIRD) == 0

    desk.page.evaluate("window.__denied = false")
    desk.page.get_by_role("button", name="再試行").first.click()
    desk.take_call(THIRD.name)
    desk.wait_heard(520)
    desk.finish_call(away=True)


def live(desk: Desk) -> list[bool]:
    """What each pulse so far said of the microphone."""
    desk.take_in()
    return [pulse["track_live"] for pulse in desk.commands("pulse")]


def calls_to(product: Product, customer: Listed) -> int:
    """INVITEs the carrier saw for a number."""
    return sum(event["number"] == customer.number for event in product.carrier_events("invite"))
