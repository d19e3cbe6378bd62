"""R20, R21, R23: a customer who answers to nobody hears who called, and is counted.

Real processes: the operator leaves while the customer's telephone rings.
"""

from __future__ import annotations

import sqlite3
import wave
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agent_desk.services.dialing.safe_harbours import SHIPPED
from softphone.audio.g711 import SAMPLE_RATE
from softphone.audio.prompts import load_sounds
from softphone.audio.ticker import Ticker
from softphone.practice_carrier.number_plan import Kind, behaviour_of
from tests.e2e.customer_ear import after_the_call
from tests.operator_client import OperatorClient
from tests.product import SALES, Listed, Product
from tests.waiting import await_until

pytestmark = pytest.mark.processes

# Rings for long enough that the operator is gone, then says hello and waits.
NUMBER = next(
    number
    for number in (f"0900001{last:04}" for last in range(1000))
    if (plan := behaviour_of(number)).kind is Kind.ENDLESS_HUMAN and plan.ring_s > 7
)
ENVELOPE = 80  # samples: 10 ms
UPLOADED = "uploaded.wav"
HEARD_S = 3  # of the shipped recording; what is cut off would only take time


@pytest.fixture
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("abandoned")
    product = prepared.copy(folder)
    cut(SHIPPED, folder / UPLOADED)
    try:
        product.replace_lists(SALES, [Listed("相沢 一", NUMBER)])
        product.set_campaign(SALES, bridge_within_s=2.0)
        upload(product, (folder / UPLOADED).read_bytes())
        product.start_all()
        yield product
    finally:
        product.stop_all()


def upload(product: Product, octets: bytes) -> None:
    """What was brought to the page and approved there is this file; no gateway has it."""
    name = sha256(octets).hexdigest()
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as database, database:
        kept = "UPDATE message_files SET sha256 = ?, octets = ? WHERE kind = 'abandoned'"
        assert database.execute(kept, (name, octets)).rowcount
        assert database.execute("UPDATE safe_harbours SET sha256 = ?", (name,)).rowcount


def cut(shipped: Path, own: Path) -> None:
    """The beginning of a recording, as a recording of its own."""
    with wave.open(str(shipped)) as whole, wave.open(str(own), "wb") as part:
        part.setparams(whole.getparams())
        part.writeframes(whole.readframes(HEARD_S * whole.getframerate()))


def likeness(heard: NDArray[np.float64], said: NDArray[np.float64]) -> float:
    """How much the loudness of a recording runs as that of a prompt somewhere in it; 1.0: alike."""
    louds = [
        np.sqrt(np.mean(x[: x.size // ENVELOPE * ENVELOPE].reshape(-1, ENVELOPE) ** 2, axis=1))
        for x in (heard.astype(float), said.astype(float))
    ]
    whole, part = louds
    part = part - part.mean()
    best = 0.0
    for start in range(whole.size - part.size + 1):
        piece = whole[start : start + part.size]
        piece = piece - piece.mean()
        size = np.linalg.norm(piece) * np.linalg.norm(part)
        best = max(best, float(piece @ part / size) if size else 0.0)
    return best


async def test_who_answers_to_nobody_hears_the_recording_and_is_counted(product: Product) -> None:
    operator = OperatorClient(product.url, "operator1", ticker=Ticker())
    try:
        await operator.start_shift()
        await await_until(lambda: product.carrier_events("invite"), what="the call")
        assert (await operator.send("go_away", reason="other"))["ok"]
        await await_until(
            lambda: product.query("SELECT 1 FROM attempt_outcomes"), within_s=60, what="the end"
        )
    finally:
        await operator.close()
    outcome = "SELECT outcome, live_answer, abandoned FROM attempt_outcomes"
    assert product.query(outcome) == [("abandoned", 1, 1)]
    played = sha256((product.folder / UPLOADED).read_bytes()).hexdigest()
    told = product.query("SELECT prompt, recording FROM call_prompts")
    assert told == [("safe_harbour", played)], "fetched from the desk, and kept with the call"
    ear = after_the_call(product, NUMBER)
    said = load_sounds().safe_harbour.samples[: HEARD_S * SAMPLE_RATE]
    assert likeness(ear.samples, said) > 0.8
    # Not for 72 hours (R22), and in the lead's figures at once.
    kept = "SELECT (next_at - attempt_outcomes.at) / 3600000000 FROM list_entries, attempt_outcomes"
    assert product.query(f"{kept} WHERE last_outcome = 'abandoned'")[0][0] >= 72
    await await_until(
        lambda: product.metric("desk_campaign_abandoned_answers") == 2.0,
        what="the count of 24 hours and the one of 30 days",
    )
    product.run("audit")
