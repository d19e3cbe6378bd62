"""A30, A62: every bridged call has its file, can be heard by whom it concerns, survives kill -9.

Real processes and the worker; the operator has no browser, the customer hums for ever.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import av
import numpy as np
import pytest

from softphone.audio.ticker import Ticker
from tests.operator_client import OperatorClient
from tests.product import SALES, Listed, Product
from tests.waiting import await_until

pytestmark = pytest.mark.processes

OPERATOR_HZ, CUSTOMER_HZ = 880, 440
STUTTER_HZ = 40  # what packets that a busy machine swallows do to a tone
HUMS = [Listed(f"録音 {n}", f"0900{n:03d}9440", external_id=f"R-{n}") for n in range(4)]


@pytest.fixture
def product(tmp_path: Path, prepared: Product) -> Iterator[Product]:
    product = prepared.copy(tmp_path)
    try:
        # One call at a time: with more, nobody might be left of the four for the second talk.
        product.set_campaign(SALES, mode="progressive", screening="off")
        product.replace_lists(SALES, HUMS)
        product.start_all(worker=True)
        yield product
    finally:
        product.stop_all()


@asynccontextmanager
async def working(product: Product) -> AsyncIterator[OperatorClient]:
    """An operator who is available and hums."""
    operator = OperatorClient(product.url, "operator1", ticker=Ticker())
    try:
        await operator.start_shift()
        operator.keep_media()
        operator.media.hum(OPERATOR_HZ)
        yield operator
    finally:
        await operator.close()


async def talk(operator: OperatorClient) -> str:
    """On the line with somebody, and both hear each other."""
    await operator.until(
        lambda state: state["seat"]["state"] == "talking", within_s=60, what="a call"
    )
    call_id = operator.call_id
    assert call_id is not None
    await await_until(lambda: operator.media.heard_dbfs(CUSTOMER_HZ) > -30, what="the customer")
    return call_id


def recording(product: Product, call_id: str) -> dict[str, Any]:
    names = ("state", "truncated", "duration_ms", "reason")
    query = f"SELECT {', '.join(names)} FROM recordings WHERE call_id = ?"
    rows = product.query(query, call_id)
    return dict(zip(names, rows[0], strict=True)) if rows else {}


async def heard(operator: OperatorClient, call_id: str) -> list[float]:
    """The strongest frequency of each channel, as the player is sent them."""
    async with aiohttp.ClientSession(operator.url, cookie_jar=operator._http.cookie_jar) as http:
        headers = {"X-CSRFToken": operator._csrf, "Referer": operator.url}
        path = f"/api/v1/recordings/{call_id}/url"
        async with http.post(path, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            told = await answer.json()
        async with http.get(told["url"]) as sound:
            assert sound.status == 200
            assert sound.content_type == "audio/ogg"
            data = await sound.read()
    with av.open(io.BytesIO(data)) as container:
        rate = container.streams.audio[0].rate
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    channels = np.concatenate(frames, axis=1) if len(frames[0]) == 2 else None
    if channels is None:
        flat = np.concatenate(frames, axis=1)[0]
        channels = np.stack((flat[0::2], flat[1::2]))
    spectra = np.abs(np.fft.rfft(channels.astype(float)))
    return [float(np.argmax(each) * rate / channels.shape[1]) for each in spectra]


@pytest.mark.timeout(480)
async def test_every_call_has_its_recording_whatever_becomes_of_the_gateway(
    product: Product,
) -> None:
    async with working(product) as operator:
        # A30: a call is recorded, verified and heard by its operator, who is in the trail.
        first = await talk(operator)
        assert operator.state["call"]["recording"] == "on"
        await written(product)
        await operator.press("hang_up")
        await verified(product, first)
        assert await heard(operator, first) == pytest.approx(
            [OPERATOR_HZ, CUSTOMER_HZ], abs=STUTTER_HZ
        )
        listens = product.query("SELECT actor FROM audit WHERE action = 'recording.listened'")
        assert listens == [("operator1",)]
        await operator.press("save_result", call_id=first, note="")

        # A62, F42: the gateway is killed in the next talk; what was said until then is there.
        second = await talk(operator)
        await written(product)
        product.kill("gateway")
        product.start("gateway")
        row = await verified(product, second)
        assert row["truncated"]
        assert row["duration_ms"] >= 2000
        assert await heard(operator, second) == pytest.approx(
            [OPERATOR_HZ, CUSTOMER_HZ], abs=STUTTER_HZ
        )
    product.run("audit")


async def written(product: Product) -> None:
    """Until two and a half seconds of the present talk are on the disk."""
    folder = product.data_dir / "recordings"
    await await_until(
        lambda: any(part.stat().st_size > 40_000 for part in folder.rglob("*.part")),
        what="the recording",
    )


async def verified(product: Product, call_id: str) -> dict[str, Any]:
    """The recording's row, once the worker has opened the whole file and made its Opus."""
    await await_until(
        lambda: recording(product, call_id).get("state") == "verified",
        within_s=60,
        what=f"the worker's word; now {recording(product, call_id)}",
    )
    return recording(product, call_id)
