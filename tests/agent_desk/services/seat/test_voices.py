"""What a customer says of us is kept sealed, once per call and who heard it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from agent_desk.models.satisfaction import CustomerVoice
from agent_desk.store.satisfaction import voices
from tests.agent_desk.small_desk import Shift
from tests.agent_desk.store.desk_rows import SEALER

SAID = "説明が分かりやすかった。山田さんに伝えてほしい。"


def rows(shift: Shift) -> list[Any]:
    with shift.desk.desk.database.read() as session:
        return list(session.scalars(select(CustomerVoice)))


def test_it_is_kept_sealed_as_it_is_typed_and_shown_again(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("save_voice", call_id=call_id, text="説明が")
    shift.page.do("save_voice", call_id=call_id, text=f" {SAID} ")
    [kept] = rows(shift)
    assert SAID.encode() not in kept.text_sealed
    assert SEALER.open(kept.text_sealed) == SAID
    assert (kept.heard, kept.call_id) == ("talk", call_id)
    assert kept.customer_id == shift.desk.call(call_id).customer_id
    assert shift.page.follow()["call"]["voice"] == SAID
    shift.page.do("hang_up")
    shift.end(call_id)
    assert shift.page.follow()["call"]["voice"] == SAID, "in wrap-up as well"


def test_what_is_taken_out_is_kept_no_more(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("save_voice", call_id=call_id, text=SAID)
    shift.page.do("save_voice", call_id=call_id, text="")
    assert rows(shift) == []


def test_only_whose_call_it_is_writes_and_not_without_end(shift: Shift) -> None:
    call_id = shift.talk()
    assert shift.page.refused("save_voice", call_id="other", text=SAID) == "not-your-call"
    assert rows(shift) == []
    shift.end(call_id)
    shift.page.do("save_result", call_id=call_id, note="", counterpart="unknown")
    assert shift.page.refused("save_voice", call_id=call_id, text=SAID) == "not-your-call"


def test_who_listens_later_writes_a_text_of_their_own(shift: Shift) -> None:
    call_id = shift.talk()
    shift.page.do("save_voice", call_id=call_id, text=SAID)
    lead = shift.desk.person("lead1")
    with shift.desk.desk.database.write() as session:
        voices.write(
            session,
            SEALER,
            call_id,
            user_id=lead.user_id,
            heard="recording",
            text="待たされたと言っていた",
            at=shift.desk.clock.now(),
        )
    with shift.desk.desk.database.read() as session:
        found = voices.of_call(session, SEALER, call_id)
    assert [(each.username, each.heard, each.text) for each in found] == [
        ("operator1", "talk", SAID),
        ("lead1", "recording", "待たされたと言っていた"),
    ]
