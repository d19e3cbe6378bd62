"""`Refer` of the desk: asked of the carrier, told when it is known; the call goes on meanwhile."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from softphone.protocol import CallReferred, Event, Refer, Refusal
from softphone.routing.routed_call import NotPlaced
from softphone.sip.calls.referral import ReferResult
from softphone.sip.messages.addressing import UnusableNumber
from softphone.switchboard.referrals import Referrals


class FakeSip:
    def __init__(self, *, answered: bool = True, fault: Exception | None = None) -> None:
        self.answered, self.fault = answered, fault
        self.referred = []

    def refer(self, number, on_result):
        if self.fault is not None:
            raise self.fault
        self.referred.append((number, on_result))
        return self.answered


def referrals(sip: FakeSip | None) -> tuple[Referrals, list[Event]]:
    """Referrals that know one call, `c1`, in the hands of `sip`."""
    told: list[Event] = []
    calls = {"c1": SimpleNamespace(sip=sip, phase="waiting")}
    register = SimpleNamespace(find=lambda call_id: calls.get(call_id))
    return Referrals(register, told.append), told


@pytest.mark.parametrize(("accepted", "code"), [(True, 200), (False, 603), (False, None)])
def test_the_carriers_word_is_told(accepted, code):
    sip = FakeSip()
    subject, told = referrals(sip)
    assert subject.refer(Refer("c1", "+81312345678")) is None
    ((number, on_result),) = sip.referred
    assert number == "+81312345678" and told == []
    on_result(ReferResult(accepted, code))
    assert told == [CallReferred("c1", accepted, code)]


@pytest.mark.parametrize(
    ("call_id", "sip", "error_id"),
    [
        ("c2", FakeSip(), "call_unknown"),
        ("c1", None, "call_unknown"),
        ("c1", FakeSip(answered=False), "call_not_answered"),
        ("c1", FakeSip(fault=UnusableNumber("x")), "number_unusable"),
        ("c1", FakeSip(fault=NotPlaced(Refusal("prefix_not_allowed", "no"))), "prefix_not_allowed"),
    ],
)
def test_what_cannot_be_asked_is_refused(call_id, sip, error_id):
    subject, told = referrals(sip)
    refusal = subject.refer(Refer(call_id, "+81312345678"))
    assert refusal is not None and refusal.error_id == error_id and told == []
