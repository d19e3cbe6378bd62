"""A75: a customer who missed our call calls the number shown, and reaches an operator who knows.

Real processes, an operator without a browser, and the customers' telephone in the test's hands.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from softphone.audio.ticker import Ticker
from tests.operator_client import OperatorClient
from tests.ports import free_udp_port
from tests.product import COLLECTIONS, SALES, Listed, Product
from tests.softphone.telephone import Telephone, in_time, telephone
from tests.waiting import await_until

pytestmark = pytest.mark.processes

AUDIBLE_DBFS = -40.0
CUSTOMER_HZ, OPERATOR_HZ = 600, 880
MISSED = Listed("青木 花子", "09000009016", external_id="A-1")  # rings for a second, then 480
EARLY = Listed("井上 太郎", "09000009001", external_id="B-1")  # of a campaign that opens at 18:00
STRANGER = "0312349876"
OPENS_MINUTE = 18 * 60


@pytest.fixture(scope="module")
def sip_port() -> int:
    return free_udp_port()


@pytest.fixture(scope="module")
def product(
    tmp_path_factory: pytest.TempPathFactory, prepared: Product, sip_port: int
) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("inbound")
    product = prepared.copy(folder, environ={"SIP_BIND": f"127.0.0.1:{sip_port}"})
    try:
        product.replace_lists(SALES, [MISSED])
        product.replace_lists(COLLECTIONS, [EARLY])
        product.set_campaign(COLLECTIONS, window_start_minute=OPENS_MINUTE)
        product.start_all()
        yield product
    finally:
        product.stop_all()


@pytest.fixture
async def phone(product: Product, sip_port: int) -> AsyncIterator[Telephone]:
    async with telephone(product.folder / "phone", ("127.0.0.1", sip_port)) as phone:
        yield phone


def outcomes(product: Product, number: Listed) -> list[str]:
    """Of this customer's calls to us, in order."""
    rows = product.query(
        "SELECT outcome FROM attempt_outcomes JOIN attempts ON attempts.id = attempt_id"
        " JOIN customers ON customers.id = customer_id"
        " WHERE inbound AND external_id = ? ORDER BY at",
        number.external_id,
    )
    return [row[0] for row in rows]


async def test_out_of_hours_a_caller_hears_so(product: Product, phone: Telephone) -> None:
    caller = await phone.call("0312345678", number=EARLY.number)
    await in_time(caller.answered)
    await await_until(lambda: caller.voiced_s() > 1.0, what="hearing our hours")
    await in_time(caller.ended)
    assert caller.ending is not None
    assert (caller.ending.by, caller.ending.answered) == ("remote", True)
    await await_until(
        lambda: outcomes(product, EARLY) == ["out_of_hours"], what="the outcome of the call"
    )
    assert product.query("SELECT prompt FROM call_prompts") == [("closed",)]
    product.run("audit")


async def test_a_caller_nobody_is_free_for_waits_and_is_owed_a_call(
    product: Product, phone: Telephone
) -> None:
    caller = await phone.call("0312345678", number=MISSED.number)
    await in_time(caller.answered)
    await await_until(lambda: caller.voiced_s() > 0.5, what="being asked to wait")
    caller.hang_up()
    await await_until(lambda: outcomes(product, MISSED) == ["gave_up"], what="the lost caller")
    assert product.query("SELECT cause, state FROM callbacks") == [("gave_up", "open")]


async def test_a_customer_who_missed_our_call_calls_back_and_is_known(
    product: Product, phone: Telephone
) -> None:
    operator = OperatorClient(product.url, "operator1", ticker=Ticker())
    try:
        await operator.start_shift()
        await await_until(lambda: product.carrier_events("end"), what="our call being missed")
        shown = product.carrier_events("invite")[-1]["caller"]
        customer = await phone.call(shown, number=MISSED.number, hz=CUSTOMER_HZ)
        operator.media.hum(OPERATOR_HZ)
        await talking(operator)
        call, record = operator.state["call"], operator.state["record"]
        assert call["inbound"] is True
        assert record["known"] and not record["shared"]
        assert record["customer"]["name"] == MISSED.name
        assert [past["outcome"] for past in record["history"]] == ["no_answer", "gave_up"]
        await await_until(
            lambda: (
                customer.heard_dbfs(OPERATOR_HZ) > AUDIBLE_DBFS
                and operator.media.heard_dbfs(CUSTOMER_HZ) > AUDIBLE_DBFS
            ),
            what="each hearing the other's tone",
        )
        customer.hang_up()
        await saved(operator, note="折り返しあり", code="contact")
        assert operator.state["metrics"]["calls"] == 1
        assert outcomes(product, MISSED) == ["gave_up", "human"]
        assert product.query("SELECT state FROM callbacks") == [("done",)]

        stranger = await phone.call(shown, number=STRANGER)
        await talking(operator)
        record = operator.state["record"]
        assert record["known"] is False
        assert record["customer"]["name"] == ""
        assert record["customer"]["phone_masked"].endswith("9876")
        stranger.hang_up()
        await saved(operator, note="知らない番号")
    finally:
        await operator.close()
    assert product.query("SELECT count(*) FROM attempts WHERE counts AND inbound") == [(0,)]
    product.run("audit")


async def talking(operator: OperatorClient) -> None:
    await operator.until(
        lambda s: s["call"] and s["call"]["state"] == "bridged", what="a caller on the line"
    )


async def saved(operator: OperatorClient, *, note: str, code: str | None = None) -> None:
    """After-call work, to its end."""
    await operator.until(lambda s: s["seat"]["state"] == "wrap_up", what="wrap-up")
    call_id = operator.call_id
    if code is not None:
        await operator.press("mark_status", call_id=call_id, code=code, on=True)
    await operator.press("save_result", call_id=call_id, note=note)
    await operator.until(lambda s: s["seat"]["state"] == "available", what="the next call")
