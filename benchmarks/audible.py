"""Answer → audible in the browser: real Chromium, the real page, the real processes.

    python -m benchmarks.audible [--calls 40]

A practice customer hums 784 Hz from the instant of the 200 OK on. The page's own audio element is
tapped by an AudioWorklet, which sees every sample the operator hears and looks for that tone in
each 10 ms; the zip tone that comes before it is another one and is not taken for it. A sample is
the time from the carrier's answer, by its own log, to the first 10 ms with the tone in it; both
clocks are the machine's. In it are: the answer's way through the gateway, the desk's decision and
commit, the order to bridge, the way to the browser and its jitter buffer. The zip tone and the
voice come mixed; the first row ends with whichever is heard first, the second with the voice.
Screening is off: how long it listens is not what is measured.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.table import percentiles
from tests.acceptance.kill_rounds import MORNING
from tests.acceptance.proofs import CarrierAccount
from tests.e2e.browser import Desk, chromium, person
from tests.population import numbers, populate
from tests.product import Product
from tests.waiting import until

HZ = 784
ZIP_HZ = 660  # its first note
# Runs in the browser's audio thread: which of the two tones is all there is in these 10 ms?
WORKLET = """
class Ear extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(Math.round(sampleRate / 100));
    this.filled = 0;
    this.last = null;
  }
  process([input]) {
    const samples = input[0] ?? [];
    for (let i = 0; i < samples.length; i += 1) {
      this.block[this.filled++] = samples[i];
      if (this.filled === this.block.length) {
        this.filled = 0;
        const hz = [HZ, ZIP_HZ].find((each) => this.isMost(each)) ?? null;
        if (hz !== null && hz !== this.last) {
          this.port.postMessage({ hz, at: currentTime + i / sampleRate });
        }
        this.last = hz;
      }
    }
    return true;
  }
  isMost(hz) {
    const turn = 2 * Math.cos(2 * Math.PI * hz / sampleRate);
    let a = 0, b = 0, energy = 0;
    for (const x of this.block) { const c = x + turn * a - b; b = a; a = c; energy += x * x; }
    const power = energy / this.block.length;
    const tone = 2 * (a * a + b * b - turn * a * b) / this.block.length ** 2;
    return power > 1e-5 && tone > 0.6 * power;
  }
}
registerProcessor("ear", Ear);
"""
# Instants of the audio clock become wall time by a pair of both taken together.
LISTEN = """async (worklet) => {
  const audio = [...document.querySelectorAll("audio")].find((each) => each.srcObject);
  if (!audio) return false;
  const context = new AudioContext();
  await context.resume();
  const url = URL.createObjectURL(new Blob([worklet], { type: "text/javascript" }));
  await context.audioWorklet.addModule(url);
  const ear = new AudioWorkletNode(context, "ear");
  context.createMediaStreamSource(audio.srcObject).connect(ear);
  ear.connect(context.destination);
  window.__heard = [];
  ear.port.onmessage = ({ data }) => {
    const lag = context.currentTime - data.at;
    window.__heard.push({ hz: data.hz, at: Date.now() - lag * 1000 });
  };
  return true;
}"""


def one_call(desk: Desk, carrier: CarrierAccount) -> tuple[float, float] | None:
    """Milliseconds from the answer to the first sound and to the customer's tone."""
    desk.wait_state("talking", within_s=20)
    until(lambda: _first(desk, HZ), within_s=5, what="the tone")
    name = desk.by("customer-name").inner_text()
    number = re.sub(r".*\+81(\d+).*", r"0\1", name, flags=re.DOTALL)
    answered = carrier.answers()[number].timestamp() * 1000
    tone = _first(desk, HZ)
    sounds = [each for each in (_first(desk, ZIP_HZ), tone) if each]
    desk.by("hang-up").click()
    desk.wait_state("wrap_up")
    desk.page.evaluate("window.__heard = []")
    desk.by("save-result").click()
    return (min(sounds) - answered, tone - answered) if tone else None


def _first(desk: Desk, hz: int) -> float | None:
    heard: list[dict[str, Any]] = desk.page.evaluate("window.__heard")
    return next((each["at"] for each in heard if each["hz"] == hz), None)


def run(calls: int, folder: Path) -> None:
    product = Product(folder)
    product.run("migrate")
    product.set_clock(MORNING)
    populate(
        product.environ,
        operators=1,
        customers=list(numbers((f"9{HZ}",), calls + 20)),
        now=product.now(),
        mode="progressive",
        screening="off",
    )
    try:
        product.start_all()
        with sync_playwright() as playwright, chromium(playwright, folder / "mic") as browser:
            # The worklet is ours, not the page's: its policy would not let it in.
            page = person(browser, bypass_csp=True).new_page()
            desk = Desk(page, product.url)
            desk.sign_in("op001")
            until(
                lambda: desk.page.evaluate(
                    LISTEN, WORKLET.replace("ZIP_HZ", str(ZIP_HZ)).replace("HZ", str(HZ))
                ),
                within_s=15,
            )
            desk.go_available()
            carrier = CarrierAccount(product.carrier_log)
            took = [one_call(desk, carrier) for _ in range(calls)]
    finally:
        product.stop_all()
    found = [each for each in took if each is not None]
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {len(found)} of {calls} calls timed\n")
    print("| from the answer to | calls | p50 ms | p95 ms | p99 ms | worst ms |")
    print("|---|---|---|---|---|---|")
    print(f"| the first sound | {percentiles([first for first, _ in found])} |")
    print(f"| the customer's voice | {percentiles([tone for _, tone in found])} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(options.calls, Path(folder))


if __name__ == "__main__":
    main()
