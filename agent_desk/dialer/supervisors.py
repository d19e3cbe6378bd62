"""How leads come into calls and out of them, whoever or whatever moves them.

`supervision.py` has what leads ask and what the gateway tells of it; here is what the rest of the
engine needs: a call that ends or begins, a leg that comes and goes, the clock. Whatever happens to
a lead's leg, page or scope, the call itself is not touched.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from agent_desk.dialer import effects
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.floor import Call, Seat
from agent_desk.dialer.gateway_facts import GatewaySnapshot, SeatMediaDown, SeatMediaUp
from agent_desk.dialer.ids import CallId, GatewayId
from agent_desk.dialer.supervision_events import SupervisionAsked, SupervisionEnded
from agent_desk.dialer.supervisor import Part, Supervised, SupervisionMode, Supervisor

ASKED_WITHIN = timedelta(seconds=10)  # from asking to the gateway's word, the leg included
REASON_WITHIN = timedelta(seconds=1)  # from "the leg is out of the call" to why
PAGE_GONE = timedelta(seconds=10)  # a socket that is made anew takes a second or two

# Why a use did not begin, or ended, against the lead's will: `supervision.problem.…`.
LEG_LOST = "leg-lost"
ELSEWHERE = "elsewhere"
UNANSWERED = "unanswered"
OUT_OF_SCOPE = "out-of-scope"


def join(
    draft: Draft,
    supervisor: Supervisor,
    call: Call,
    mode: SupervisionMode,
    part_id: str,
    *,
    followed: bool = False,
) -> None:
    """Ask for the call of a seat; what may not be was refused before."""
    assert call.seat_id is not None, "a bridged call has its seat"
    supervised = Supervised(call.call_id, call.seat_id, call.campaign_id, draft.now)
    ask(draft, replace(supervisor, muted=False), supervised, mode, part_id, followed=followed)


def ask(
    draft: Draft,
    supervisor: Supervisor,
    supervised: Supervised,
    mode: SupervisionMode,
    part_id: str,
    *,
    followed: bool = False,
) -> None:
    """Another mode in the same call: the one that runs goes on until the gateway has changed."""
    if supervised.asked is not None:
        _end_part(draft, supervisor, supervised, supervised.asked, "replaced", draft.now)
    supervised = replace(supervised, asked=Part(part_id, mode, draft.now))
    draft.emit(
        SupervisionAsked(
            part_id=part_id,
            user_id=supervisor.user_id,
            seat_id=supervised.seat_id,
            call_id=supervised.call_id,
            campaign_id=supervised.campaign_id,
            mode=mode,
            followed=followed,
            at=draft.now,
        )
    )
    order(draft, replace(supervisor, supervised=supervised, problem=""))


def order(draft: Draft, supervisor: Supervisor) -> None:
    """Put the lead on the floor, and tell the gateway as soon as the leg is there."""
    supervised = supervisor.supervised
    asked = supervised.asked if supervised is not None else None
    if supervised is not None and asked is not None and not asked.ordered and supervisor.media_up:
        call = draft.calls.get(supervised.call_id)
        if call is not None and draft.linked(call.gateway_id):
            supervised = replace(supervised, asked=replace(asked, ordered=True))
            supervisor = replace(supervisor, supervised=supervised)
            _tell_gateway(draft, supervisor, call, asked.mode, anew=supervised.now is None)
    draft.put_supervisor(supervisor)


def _tell_gateway(
    draft: Draft, supervisor: Supervisor, call: Call, mode: SupervisionMode, *, anew: bool
) -> None:
    notice = anew and mode != "take_over" and draft.campaign(call.campaign_id).supervision_tone
    draft.do(
        effects.Supervise(call.call_id, supervisor.seat_id, call.gateway_id, mode, notice=notice)
    )


def end(
    draft: Draft,
    supervisor: Supervisor,
    cause: str,
    *,
    at: datetime | None = None,
    tell: bool = False,
    problem: str = "",
) -> Supervisor:
    """The lead is in no call any more; `tell`: the gateway has yet to let the leg go."""
    supervised = supervisor.supervised
    if supervised is None:
        return supervisor
    for part in (supervised.now, supervised.asked):
        if part is not None:
            _end_part(draft, supervisor, supervised, part, cause, at or draft.now)
    if tell and (supervised.now is not None or (supervised.asked and supervised.asked.ordered)):
        let_go(draft, supervisor, supervised.call_id)
    supervisor = replace(supervisor, supervised=None, muted=False, held=False, problem=problem)
    draft.put_supervisor(supervisor)
    return supervisor


def let_go(draft: Draft, supervisor: Supervisor, call_id: CallId) -> None:
    """Have the gateway take the leg out of the call."""
    call = draft.calls.get(call_id)
    if call is not None:
        draft.do(effects.StopSupervising(call_id, supervisor.seat_id, call.gateway_id))


def _end_part(
    draft: Draft, supervisor: Supervisor, of: Supervised, part: Part, cause: str, at: datetime
) -> None:
    draft.emit(
        SupervisionEnded(
            part_id=part.part_id,
            user_id=supervisor.user_id,
            call_id=of.call_id,
            mode=part.mode,
            cause=cause,
            at=min(max(at, part.at), draft.now),
        )
    )


def end_part(draft: Draft, supervisor: Supervisor, part: Part, cause: str, at: datetime) -> None:
    """One mode is over, or never began, and the lead stays."""
    assert supervisor.supervised is not None, "a part is of a call"
    _end_part(draft, supervisor, supervisor.supervised, part, cause, at)


def of_call(draft: Draft, call_id: CallId) -> list[Supervisor]:
    """Who is in a call, or about to be."""
    return [
        each
        for each in draft.supervisors.values()
        if each.supervised is not None and each.supervised.call_id == call_id
    ]


# --- calls -------------------------------------------------------------------------------------


def call_over(draft: Draft, call: Call, at: datetime) -> None:
    """With the call all supervision of it ends; the gateway has let the legs go."""
    for supervisor in of_call(draft, call.call_id):
        left_at = supervisor.supervised.left_at if supervisor.supervised is not None else None
        end(draft, supervisor, "call-ended", at=left_at or at)


def handed_over(draft: Draft, call: Call) -> None:
    """The call is a colleague's now, perhaps of a team that is none of the lead's."""
    for supervisor in of_call(draft, call.call_id):
        end(draft, supervisor, "handed-over", tell=True)


def follow_into(draft: Draft, call: Call, seat: Seat) -> None:
    """The next call of a seat: whoever follows it listens, however they were in the one before."""
    for supervisor in draft.supervisors.values():
        if supervisor.follow != seat.seat_id or supervisor.supervised is not None:
            continue
        if supervisor.gateway_id != call.gateway_id or not supervisor.media_up:
            draft.put_supervisor(replace(supervisor, follow=None, problem=ELSEWHERE))
        elif supervisor.may_hear(seat.team_id):
            part_id = f"{call.call_id}.{supervisor.user_id}"
            join(draft, supervisor, call, "listen", part_id, followed=True)


# --- legs --------------------------------------------------------------------------------------


def media_up(draft: Draft, fact: SeatMediaUp) -> None:
    """The lead's leg is there, in this gateway; one in another gateway has no use any more."""
    supervisor = draft.supervisors.get(fact.seat_id)
    if supervisor is None:
        return
    if supervisor.gateway_id not in (None, fact.gateway_id) and draft.linked(supervisor.gateway_id):
        draft.do(effects.CloseSeatMedia(fact.seat_id, supervisor.gateway_id))
    order(draft, replace(supervisor, gateway_id=fact.gateway_id, media_up=True))


def media_down(draft: Draft, fact: SeatMediaDown) -> None:
    """The leg is gone, with the page or the network; the call goes on without it."""
    supervisor = draft.supervisors.get(fact.seat_id)
    if supervisor is not None and fact.gateway_id in (None, supervisor.gateway_id):
        _leg_lost(draft, supervisor, fact.at)


def _leg_lost(draft: Draft, supervisor: Supervisor, at: datetime) -> None:
    supervised = supervisor.supervised
    supervisor = replace(supervisor, media_up=False)
    draft.put_supervisor(supervisor)
    if supervised is not None and _has_the_call(draft, supervised):
        return  # the gateway keeps the customer company, and says what comes of it
    wanted = supervised is not None or supervisor.follow is not None
    if supervised is not None and (supervised.now is not None or supervised.left_at is not None):
        supervisor = end(draft, supervisor, "leg-lost", at=supervised.left_at or at)
    elif supervised is not None:
        return  # still being made: `look` gives it up
    if wanted:
        draft.put_supervisor(replace(supervisor, follow=None, problem=LEG_LOST))


def _has_the_call(draft: Draft, supervised: Supervised) -> bool:
    """Or will have, as far as anybody knows: the gateway's word is waited for."""
    return supervised.mode == "take_over"


def gateway_restarted(draft: Draft, gateway_id: GatewayId) -> None:
    """Its legs are gone with it."""
    for supervisor in draft.supervisors.values():
        if supervisor.gateway_id == gateway_id:
            _leg_lost(draft, supervisor, draft.now)


def match(draft: Draft, fact: GatewaySnapshot) -> None:
    """What a gateway holds that was out of reach; what leads want there is said once more."""
    connected = frozenset(fact.connected_seats)
    for supervisor in draft.supervisors.values():
        if supervisor.seat_id in connected:
            supervisor = replace(supervisor, gateway_id=fact.gateway_id, media_up=True)
            _say_again(draft, supervisor)
        elif supervisor.gateway_id in (None, fact.gateway_id):
            _leg_lost(draft, supervisor, draft.now)


def _say_again(draft: Draft, supervisor: Supervisor) -> None:
    supervised = supervisor.supervised
    if supervised is not None and supervised.asked is not None:
        supervised = replace(supervised, asked=replace(supervised.asked, ordered=False))
        order(draft, replace(supervisor, supervised=supervised))
        return
    draft.put_supervisor(supervisor)
    call = draft.calls.get(supervised.call_id) if supervised is not None else None
    if supervised is None or supervised.now is None or call is None:
        return
    if not _has_the_call(draft, supervised):
        _tell_gateway(draft, supervisor, call, supervised.now.mode, anew=False)
    draft.do(effects.Mute(supervisor.seat_id, leg_gateway(supervisor, call), supervisor.muted))


def leg_gateway(supervisor: Supervisor, call: Call) -> GatewayId:
    """Where the lead's leg is: in the gateway of the call, or nothing was begun."""
    return supervisor.gateway_id or call.gateway_id


# --- the clock ---------------------------------------------------------------------------------


def look(draft: Draft) -> None:
    """Nobody stays in a call, or on the floor, whose page, leg or right to be there is gone."""
    for supervisor in draft.supervisors.values():
        supervisor = _look_at_use(draft, supervisor)
        supervisor = _look_at_scope(draft, supervisor)
        _look_at_page(draft, supervisor)


def _look_at_use(draft: Draft, supervisor: Supervisor) -> Supervisor:
    supervised = supervisor.supervised
    if supervised is None:
        return supervisor
    if supervised.left_at is not None and draft.now - supervised.left_at > REASON_WITHIN:
        return end(draft, supervisor, "left", at=supervised.left_at)
    asked = supervised.asked
    if asked is None or draft.now - asked.at <= ASKED_WITHIN:
        return supervisor
    if asked.ordered and asked.mode == "take_over":
        return supervisor  # said once more when the gateway is back; it may have been done
    if supervised.now is None:
        problem = UNANSWERED if asked.ordered else LEG_LOST
        return end(draft, supervisor, "unanswered", tell=True, problem=problem)
    end_part(draft, supervisor, asked, "unanswered", draft.now)
    supervised = replace(supervised, asked=None)
    supervisor = replace(supervisor, supervised=supervised, problem=UNANSWERED)
    draft.put_supervisor(supervisor)
    return supervisor


def _look_at_scope(draft: Draft, supervisor: Supervisor) -> Supervisor:
    """Seat and lead may have changed teams; who has taken a call over brings it to its end."""
    supervised = supervisor.supervised
    if supervised is not None and not _has_the_call(draft, supervised):
        seat = draft.seats.get(supervised.seat_id)
        if seat is not None and not supervisor.may_hear(seat.team_id):
            supervisor = end(draft, supervisor, "out-of-scope", tell=True, problem=OUT_OF_SCOPE)
    followed = draft.seats.get(supervisor.follow)
    if supervisor.follow is not None and (
        followed is None or not supervisor.may_hear(followed.team_id)
    ):
        supervisor = replace(supervisor, follow=None)
        draft.put_supervisor(supervisor)
    return supervisor


def _look_at_page(draft: Draft, supervisor: Supervisor) -> None:
    gone_at = supervisor.page_gone_at
    if gone_at is None or draft.now - gone_at <= PAGE_GONE:
        return
    if supervisor.supervised is not None and _has_the_call(draft, supervisor.supervised):
        return
    supervisor = end(draft, supervisor, "page-gone", at=gone_at, tell=True)
    if supervisor.gateway_id is not None and supervisor.media_up:
        draft.do(effects.CloseSeatMedia(supervisor.seat_id, supervisor.gateway_id))
    draft.supervisors.remove(supervisor.seat_id)
