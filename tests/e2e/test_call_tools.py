"""Seats that two campaigns share, a machine left a message, a VIP seen before the call."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import numpy as np
import pytest

from softphone.audio.tones import tone_dbfs
from softphone.audio.wav import write_wav
from tests.e2e.browser import Desk, until
from tests.e2e.customer_ear import AUDIBLE_DBFS, WINDOW_S, after_the_call
from tests.product import COLLECTIONS, SALES, Listed, Product

pytestmark = [pytest.mark.browser, pytest.mark.processes]

BUYER = Listed("共有 太郎", "09001239520", external_id="KYO-1")
MACHINE = Listed("留守 花子", "09001239006", external_id="RUS-1")
VIP = Listed("特別 良子", "09001239640", external_id="VIP-1")
MESSAGE_HZ = 1_250
SAID = "見本商事の佐藤と申します。03-1234-5678までお電話ください。"
PITCH = "# ご案内\n「光回線のご案内です。」"
DUNNING = "# 名乗り\n「{担当姓}と申します。」\n[ ] identification: 名乗った"
TO_VIPS = "# ご挨拶\n「平素より格別のお引き立てをいただいております。」"
TO_OTHERS = "# ご不在\n「あらためてお電話いたします。」\n[ ] identification: 名乗った"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory, prepared: Product) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("call-tools")
    recording = folder / "prompts" / "messages" / "callback.wav"
    recording.parent.mkdir(parents=True)
    write_wav(recording, 0.4 * np.sin(np.arange(12_000) / 8_000 * 2 * np.pi * MESSAGE_HZ))
    product = prepared.copy(folder, environ={"PROMPT_DIR": str(folder / "prompts")})
    product.set_campaign(SALES, script=PITCH, screening="off")
    scripts = {"script": DUNNING, "vip_script": TO_VIPS, "third_party_script": TO_OTHERS}
    product.set_campaign(COLLECTIONS, screening="off", after_wrap_up="available", **scripts)
    product.replace_lists(SALES, [BUYER])
    product.replace_lists(COLLECTIONS, [MACHINE, VIP])
    _share_seats(product)
    _name_who_takes_vips(product)
    said = ("--text", SAID, "--name", "佐藤", "--number", "03-1234-5678")
    both = ("--brought-by", "admin1", "--by", "lead1", "--password", "demo")
    product.run("approve-message", COLLECTIONS, *both, "--file", str(recording), *said)
    try:
        product.start_all()
        yield product
    finally:
        product.stop_all()


def _share_seats(product: Product) -> None:
    """The team that collects sells as well."""
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as database, database:
        database.execute(
            "INSERT INTO campaign_teams (campaign_id, team_id)"
            " SELECT c.id, u.team_id FROM campaigns c, users u"
            " WHERE c.name = ? AND u.username = 'operator4'",
            (SALES,),
        )


def _name_who_takes_vips(product: Product) -> None:
    with closing(sqlite3.connect(product.data_dir / "desk.db")) as database, database:
        database.execute("UPDATE customers SET vip = 1 WHERE external_id = ?", (VIP.external_id,))
        database.execute(
            "INSERT INTO vip_operators (campaign_id, user_id)"
            " SELECT c.id, u.id FROM campaigns c, users u"
            " WHERE c.name = ? AND u.username = 'operator4'",
            (COLLECTIONS,),
        )


def test_calls_of_two_campaigns_are_told_apart_and_a_machine_is_left_a_message(
    product: Product, visit: Callable[..., Desk]
) -> None:
    desk = visit(product)
    desk.sign_in("operator4")
    until(desk.by("go-available").is_enabled)
    desk.page.keyboard.press("w")
    for _ in range(2):
        customer = desk.take_next([BUYER, MACHINE])
        if customer is BUYER:
            _names(desk, SALES, "光回線", needs_identity=False)
            desk.page.keyboard.press("Shift+K")
            desk.wait_state("wrap_up")
            desk.page.keyboard.press("s")
        else:
            _names(desk, COLLECTIONS, "名乗った", needs_identity=True)
            _leave_the_message(desk)
    desk.wait_state("available")
    _a_vip_is_seen_before_the_call(product, desk)
    _somebody_else_answers_for_the_vip(desk)
    assert desk.problems == []
    _was_heard_by_the_machine(product)
    counted = "SELECT outcome, counts, cause FROM attempt_outcomes WHERE cause = 'message-left'"
    assert product.query(counted) == [("machine", 1, "message-left")]
    assert product.run("audit").returncode == 0


def _names(desk: Desk, campaign: str, said: str, *, needs_identity: bool) -> None:
    """Before "hello" the page says for whom one speaks, and with which words and buttons."""
    assert desk.page.locator('[data-part="campaign-name"]').inner_text() == campaign
    assert said in desk.text("script")
    told = desk.state()["campaign"]
    assert told["identity_needed"] is needs_identity
    shown = desk.page.locator('[data-part="statuses"] button').all()
    assert [each.get_attribute("data-key") for each in shown] == [
        each["code"] for each in told["statuses"] if not each["third_party"]
    ]


def _leave_the_message(desk: Desk) -> None:
    until(desk.by("leave-message").is_enabled, what="a message may be left")
    desk.page.keyboard.press("?")
    desk.wait_text("key-list", "留守電に伝言")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Shift+V")
    desk.wait_state("wrap_up")
    desk.wait_text("message-state", "残し")
    desk.page.keyboard.press("s")


def _a_vip_is_seen_before_the_call(product: Product, desk: Desk) -> None:
    """Though the campaign dials by itself: who is named is shown them, and nobody else."""
    desk.wait_text("next-customer", "VIPのお客様（1）")
    until(desk.by("next-customer").is_enabled, what="they may be asked for")
    desk.page.keyboard.press("c")
    until(lambda: VIP.name in desk.text("customer-name"), what="the VIP is shown")
    assert desk.text("vip") == "VIPのお客様"
    assert "格別のお引き立て" in desk.text("script") and "名乗った" not in desk.text("script")
    called = [each["number"] for each in product.carrier_events("invite")]
    assert VIP.number not in called, "nobody is called for a look"
    until(desk.by("place-call").is_enabled, what="the VIP may be called")
    desk.page.keyboard.press("c")
    desk.take_call(VIP.name)


def _somebody_else_answers_for_the_vip(desk: Desk) -> None:
    """The words for others come in the place of those for the customer."""
    desk.by("third-party").click()
    desk.wait_text("script", "あらためてお電話いたします")
    assert "格別のお引き立て" not in desk.text("script")
    assert desk.by("third-party-script").is_hidden(), "the campaign has words of its own"
    desk.finish_call(away=True)


def _was_heard_by_the_machine(product: Product) -> None:
    ear = after_the_call(product, MACHINE.number)
    size = int(WINDOW_S * 8_000)
    pieces = [ear.samples[at : at + size] for at in range(0, ear.samples.size - size, size)]
    heard = [tone_dbfs(piece, MESSAGE_HZ) > AUDIBLE_DBFS for piece in pieces]
    assert sum(heard) * WINDOW_S >= 1.0, "most of a second and a half"
    until(lambda: product.query("SELECT whole FROM call_messages") == [(1,)], what="told in full")
