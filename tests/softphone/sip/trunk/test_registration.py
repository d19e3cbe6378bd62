"""REGISTER: refreshed, backed off, removed."""

from __future__ import annotations

import pytest

from softphone.sip.trunk.registration import Registration
from tests.softphone.sip.far_end import TRUNK, FarEnd

CHALLENGE = {"www-authenticate": 'Digest realm="r", nonce="n", qop="auth"'}


def registering(password: str = "secret"):
    far, states = FarEnd(password=password), []
    registration = Registration(
        far.agent,
        username="trunk",
        domain="carrier.test",
        expires_s=300,
        address=lambda: TRUNK,
        on_state=states.append,
    )
    registration.start()
    return far, registration, states


def test_it_names_the_account_and_our_contact():
    far, _, _ = registering()
    request = far.last("REGISTER")
    assert request.uri == "sip:carrier.test" and request.get("expires") == "300"
    assert "<sip:trunk@carrier.test>" in request.get("to")
    assert request.get("contact") == "<sip:trunk@198.51.100.7:5062>;expires=300"


def test_a_challenge_is_answered_and_the_binding_refreshed_at_half_its_time():
    far, _, states = registering()
    far.reply(far.last("REGISTER"), 401, headers=CHALLENGE)
    second = far.last("REGISTER")
    assert second.get("authorization") and second.cseq[0] == 2
    far.reply(second, 200, headers={"expires": "120"})
    assert states == [0]
    far.time.advance(59)
    assert len(far.sent("REGISTER")) == 2
    far.time.advance(2)
    third = far.sent("REGISTER")[2]
    assert third.call_id == second.call_id and "nc=00000002" in third.get("authorization")


def test_our_own_contacts_time_beats_the_general_one():
    far, _, _ = registering()
    contacts = "<sip:x@192.0.2.5>;expires=3600, <sip:trunk@198.51.100.7:5062>;expires=60"
    far.reply(far.last("REGISTER"), 200, headers={"expires": "900", "contact": contacts})
    far.time.advance(31)
    assert len(far.numbers("REGISTER")) == 2


def test_the_time_of_another_gateways_contact_is_not_ours():
    far, _, _ = registering()
    contacts = (
        "<sip:trunk@198.51.100.7:50620>;expires=3600, <sip:trunk@198.51.100.7:5062>;expires=60"
    )
    far.reply(far.last("REGISTER"), 200, headers={"contact": contacts})
    far.time.advance(31)
    assert len(far.numbers("REGISTER")) == 2


def test_a_registrar_that_wants_longer_gets_longer_at_once():
    far, _, states = registering()
    far.reply(far.last("REGISTER"), 423, headers={"min-expires": "3600"})
    assert far.last("REGISTER").get("expires") == "3600" and states == []
    far.reply(far.last("REGISTER"), 423, headers={"min-expires": "60"})
    assert states == [423]


def test_failures_are_retried_ever_more_slowly_and_heal():
    far, _, states = registering()
    gaps = []
    for _ in range(9):
        before = len(far.numbers("REGISTER"))
        far.reply(far.last("REGISTER"), 503)
        start = far.time.now
        while len(far.numbers("REGISTER")) == before:
            far.time.advance(0.25)
        gaps.append(far.time.now - start)
    assert gaps[0] <= 1.5 and 80 <= gaps[-1] <= 150
    assert gaps[-1] > 10 * gaps[0]
    assert set(states) == {503}
    far.reply(far.last("REGISTER"), 200, headers={"expires": "120"})
    assert states[-1] == 0


@pytest.mark.parametrize("code", [401, 403])
def test_a_refused_password_is_not_hammered(code):
    far, _, states = registering()
    far.reply(far.last("REGISTER"), 401, headers=CHALLENGE)
    far.reply(far.last("REGISTER"), code, headers=CHALLENGE)
    assert states == [code]
    far.time.advance(90)
    assert len(far.sent("REGISTER")) == 2


def test_a_silent_registrar_counts_as_down():
    far, _, states = registering()
    far.time.advance(33)
    assert states == [408]


def test_stopping_removes_the_binding():
    far, registration, _ = registering()
    far.reply(far.last("REGISTER"), 200, headers={"expires": "120"})
    done = []
    registration.stop(lambda: done.append(True))
    assert far.last("REGISTER").get("expires") == "0"
    far.reply(far.last("REGISTER"), 200)
    assert done == [True]
    far.time.advance(4000)
    assert len(far.numbers("REGISTER")) == 2


def test_stopping_without_a_binding_sends_nothing():
    far, registration, states = registering()
    done = []
    registration.stop(lambda: done.append(True))
    far.reply(far.last("REGISTER"), 403)
    assert done == [True] and states == [] and len(far.sent("REGISTER")) == 1
