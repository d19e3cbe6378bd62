"""Second parties: asked in, heard, handed the call, sent away."""

from __future__ import annotations

import pytest

from agent_desk.dialer import commands, effects, events, gateway_facts
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.floor import SeatState
from agent_desk.dialer.ids import CallId
from tests.agent_desk.dialer.floors import GATEWAY, TRUNK, A, B, World

CALL = CallId("call-1")
NUMBER = "+819012345678"


def talking() -> World:
    """The first operator talks with a customer; the second is available."""
    world = World()
    world.ready(A, B)
    world.bridge()
    world.hear()
    assert world.state(A) is SeatState.TALKING
    return world


def ask_number(world: World, *, blind: bool = False) -> None:
    world.run(
        commands.CallNumber(
            A, "p1", NUMBER, number_key="key-9", shown="090-••••-5678", caller_id="", blind=blind
        )
    )


def told(
    world: World, state: str, *, mode: str | None = "consult", code: int | None = None
) -> None:
    world.run(gateway_facts.PartyChanged(CALL, "p1", world.now, state, mode, code))


def refused(world: World, command: commands.Command) -> ErrorId:
    before = world.floor
    with pytest.raises(Refused) as refusal:
        world.run(command)
    assert world.floor is before
    return refusal.value.error_id


def test_a_third_number_is_called_rings_and_is_consulted() -> None:
    world = talking()
    ask_number(world)
    [asked] = world.done(effects.AddParty)
    assert (asked.call_id, asked.trunk_id, asked.number) == (CALL, TRUNK, NUMBER)
    assert NUMBER not in repr(asked), "a number is no text for a log"
    told(world, "ringing")
    assert world.call().party is not None and world.call().party.state == "ringing"
    told(world, "joined")
    assert world.call().party.state == "joined"


def test_all_three_talk_and_part_again() -> None:
    world = talking()
    ask_number(world)
    told(world, "joined")
    for mode in ("conference", "consult"):
        decided = world.run(commands.SetPartyMode(A, mode))
        assert decided.effects == (effects.SetParties(CALL, "p1", GATEWAY, mode),)
        assert world.run(commands.SetPartyMode(A, mode)).effects == ()


def test_nobody_is_handed_to_or_conferenced_before_they_answer() -> None:
    world = talking()
    assert refused(world, commands.HandOver(A)) is ErrorId.NO_PARTY
    ask_number(world)
    assert refused(world, commands.HandOver(A)) is ErrorId.PARTY_NOT_JOINED
    assert refused(world, commands.SetPartyMode(A, "conference")) is ErrorId.PARTY_NOT_JOINED


def test_one_second_party_at_a_time() -> None:
    world = talking()
    ask_number(world)
    again = commands.CallColleague(A, "p2", B, blind=False)
    assert refused(world, again) is ErrorId.PARTY_PRESENT


def test_handed_to_a_number_the_call_is_over_for_us_and_the_operator_writes_its_result() -> None:
    world = talking()
    ask_number(world)
    told(world, "joined")
    world.run(commands.HandOver(A))
    assert world.state(A) is SeatState.TALKING, "not before the gateway has done it"
    told(world, "joined", mode="transferred")
    assert world.state(A) is SeatState.WRAP_UP
    [finished] = world.happened(events.CallFinished)
    assert (finished.outcome, finished.by, finished.cause) == ("human", "desk", "handed-on")
    world.run(commands.SaveResult(A, CALL, "obliged"))
    assert world.state(A) is SeatState.AVAILABLE
    assert not world.has_call()


def test_a_colleague_is_no_capacity_while_asked_in_and_available_again_after() -> None:
    world = talking()
    world.run(commands.CallColleague(A, "p1", B, blind=False))
    assert (world.state(B), world.seat(B).reason) == (SeatState.AWAY, "consult")
    assert refused(world, commands.GoAvailable(B)) is ErrorId.CALL_ON_SEAT
    assert refused(world, commands.GoAway(B, "break")) is ErrorId.CALL_ON_SEAT
    assert refused(world, commands.CloseSeat(B, "logout")) is ErrorId.CALL_ON_SEAT
    told(world, "joined")
    world.run(commands.DropParty(B))
    assert world.state(B) is SeatState.AVAILABLE
    assert world.call().party is None
    assert world.state(A) is SeatState.TALKING


def test_handed_to_a_colleague_the_call_is_theirs_with_its_record_and_its_result() -> None:
    world = talking()
    world.run(commands.MarkStatus(A, CALL, "contact", on=True))
    world.run(commands.CallColleague(A, "p1", B, blind=False))
    told(world, "joined")
    world.run(commands.HandOver(A))
    told(world, "joined", mode="transferred")
    assert world.state(A) is SeatState.AVAILABLE
    assert world.state(B) is SeatState.TALKING
    call = world.call()
    assert (call.seat_id, call.codes, call.party) == (B, {"contact"}, None)
    assert effects.ShowCallerRecord(B, CALL) in world.effects
    assert refused(world, commands.HangUp(A)) is ErrorId.NO_CALL
    world.end()
    assert world.state(B) is SeatState.WRAP_UP
    world.run(commands.SaveResult(B, CALL, ""))
    assert world.state(B) is SeatState.AVAILABLE


def test_a_queued_away_holds_after_the_call_was_handed_over() -> None:
    world = talking()
    world.run(commands.GoAway(A, "break"))
    world.run(commands.CallColleague(A, "p1", B, blind=True))
    told(world, "joined")
    assert effects.SetParties(CALL, "p1", GATEWAY, "transferred") in world.effects
    told(world, "joined", mode="transferred")
    assert (world.state(A), world.seat(A).reason) == (SeatState.AWAY, "break")


def test_only_a_ready_colleague_is_asked_in() -> None:
    world = talking()
    world.run(commands.GoAway(B, "break"))
    assert refused(world, commands.CallColleague(A, "p1", B, blind=False)) is ErrorId.COLLEAGUE_BUSY


def test_a_blind_transfer_is_the_carriers_first() -> None:
    world = talking()
    ask_number(world, blind=True)
    [asked] = world.done(effects.Refer)
    assert asked.target == NUMBER
    assert refused(world, commands.DropParty(A)) is ErrorId.PARTY_NOT_JOINED
    world.run(gateway_facts.CallReferred(CALL, world.now, True, 202))
    assert world.call().party is None
    assert world.happened(events.PartyMoved)[-1].state == "carrier"


def test_a_carrier_that_will_not_leaves_it_to_us() -> None:
    world = talking()
    ask_number(world, blind=True)
    world.run(gateway_facts.CallReferred(CALL, world.now, False, 405))
    assert len(world.done(effects.AddParty)) == 1
    told(world, "joined")
    told(world, "joined", mode="transferred")
    assert world.state(A) is SeatState.WRAP_UP


def test_a_party_that_is_busy_leaves_operator_and_customer_and_is_told() -> None:
    world = talking()
    ask_number(world)
    told(world, "gone", mode=None, code=486)
    assert world.call().party is None
    assert world.state(A) is SeatState.TALKING
    assert world.done(effects.TellSeat) == [effects.TellSeat("party-busy", A)]


def test_a_refused_colleague_is_free_again() -> None:
    world = talking()
    world.run(commands.CallColleague(A, "p1", B, blind=False))
    world.run(gateway_facts.PartyRefused(CALL, "p1", world.now, "seat_busy"))
    assert world.state(B) is SeatState.AVAILABLE
    assert world.done(effects.TellSeat) == [effects.TellSeat("party-refused", A)]


def test_the_customers_hang_up_ends_it_for_everybody() -> None:
    world = talking()
    world.run(commands.CallColleague(A, "p1", B, blind=False))
    told(world, "joined")
    world.end()
    assert (world.state(A), world.state(B)) == (SeatState.WRAP_UP, SeatState.AVAILABLE)
    told(world, "gone", mode=None)


def test_keys_go_to_the_customers_side_and_are_kept_nowhere() -> None:
    world = talking()
    decided = world.run(commands.SendDigits(A, "12#"))
    assert decided.effects == (effects.SendDigits(CALL, GATEWAY, "12#"),)
    [sent] = decided.events
    assert "12#" not in repr((decided.effects, sent))
    for unusable in ("", "x", "1" * 33):
        assert refused(world, commands.SendDigits(A, unusable)) is ErrorId.DIGITS_UNUSABLE


def test_a_customer_handed_to_a_number_is_left_in_peace_by_the_next_snapshot() -> None:
    world = talking()
    handed = gateway_facts.LiveCall(CallId("call-9"), "bridged", None)
    unknown = gateway_facts.LiveCall(CallId("call-8"), "bridged", B)
    ours = gateway_facts.LiveCall(CALL, "bridged", A)
    world.run(
        gateway_facts.GatewaySnapshot(GATEWAY, "boot-1", (ours, handed, unknown), (A, B), (TRUNK,))
    )
    assert [effect.call_id for effect in world.done(effects.HangUp)] == ["call-8"]
