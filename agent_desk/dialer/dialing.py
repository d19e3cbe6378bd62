"""Starting calls: the pacer's decision, the lease's answer, and what leads and rules say to both.

The engine asks the lease transaction (`Lease`), which selects, judges and writes attempts before
any INVITE, and hears back with `AttemptsLeased`; between the two the attempts count as `leasing`.
Every `Lease` must be answered, also one that failed (with no attempts and a reason).
"""

from __future__ import annotations

from dataclasses import replace

from agent_desk.dialer import (
    commands,
    effects,
    endings,
    inbound,
    placing,
    preview,
    skills,
    withdrawals,
)
from agent_desk.dialer.draft import Draft
from agent_desk.dialer.errors import ErrorId, Refused
from agent_desk.dialer.events import (
    AbandonTargetSet,
    CampaignRunningSet,
    PacingSet,
    SafeHarbourApproved,
    ScreeningSet,
)
from agent_desk.dialer.floor import Call, CallState, Campaign, Running, Why
from agent_desk.dialer.pacing import MAX_RATIO, MIN_RATIO, MOST_ABANDONED, STOPPED, overdials
from agent_desk.dialer.seats import FREE
from agent_desk.dialer.why_codes import WhyCode


def start_calls(draft: Draft, command: commands.StartCalls) -> None:
    """Lease as many as the pacer wants, unless the world changed since it looked."""
    campaign = draft.campaign(command.campaign_id)
    count, reason = command.count, command.reason
    if count > 0 and campaign.running != "running":
        count, reason = 0, STOPPED[campaign.running].value
    if count > 0 and not any(gateway.takes_new for gateway in draft.gateways.rows.values()):
        count, reason = 0, WhyCode.GATEWAY_DOWN.value
    if count > 0 and command.seat_id is not None:
        count = preview.begin_lease(draft, command.seat_id)
    if count > 0:
        leasing = draft.leasing.get(campaign.campaign_id) or 0
        draft.leasing.put(campaign.campaign_id, leasing + count)
        draft.do(effects.Lease(campaign.campaign_id, count, command.seat_id))
    known = draft.why.get(campaign.campaign_id)
    if known is None:
        draft.why.put(campaign.campaign_id, Why(count, reason, draft.now))
    elif (known.count, known.reason) != (count, reason):
        draft.why.put(
            campaign.campaign_id, replace(known, count=count, reason=reason, at=draft.now)
        )


def attempts_leased(draft: Draft, command: commands.AttemptsLeased) -> None:
    """Place what was leased; release what may not be placed any more."""
    leasing = max(0, (draft.leasing.get(command.campaign_id) or 0) - command.asked)
    draft.leasing.put(command.campaign_id, leasing)
    for attempt in command.attempts:
        if draft.calls.get(attempt.call_id) is None:
            _take(draft, attempt, command)
    if command.seat_id is not None:
        preview.end_lease(draft, command.seat_id)
    # What is kept for one operator says nothing of what the campaign has for everybody.
    previewed = draft.campaign(command.campaign_id).mode == "preview"
    if not command.unheard and (command.seat_id is None or previewed):
        _remember_why(draft, command)


def _take(draft: Draft, attempt: commands.LeasedAttempt, command: commands.AttemptsLeased) -> None:
    call = Call(
        call_id=attempt.call_id,
        campaign_id=attempt.campaign_id,
        list_entry_id=attempt.list_entry_id,
        customer_id=attempt.customer_id,
        phone_id=attempt.phone_id,
        number_key=attempt.number_key,
        number_today=attempt.number_today,
        trunk_id=attempt.trunk_id,
        gateway_id=attempt.gateway_id,
        state=CallState.LEASED,
        since=draft.now,
        not_after=attempt.not_after,
        leased_under=draft.campaign(attempt.campaign_id),
        cap_today=attempt.cap_today,
    )
    obstacle = "unheard" if command.unheard else _obstacle(draft, call)
    if obstacle is None and command.seat_id is not None:
        if preview.show(draft, call, command.seat_id):
            return
        obstacle = "seat-gone"
    if obstacle is None:
        placing.place(draft, call)
    else:
        endings.finish(draft, call, endings.never_placed(draft.now, obstacle))


def _obstacle(draft: Draft, call: Call) -> str | None:
    """Why this attempt may not be placed after all."""
    if inbound.on_the_line(draft, call):
        return inbound.TAKEN_BACK
    campaign = draft.campaign(call.campaign_id)
    if campaign.running != "running":
        return STOPPED[campaign.running].value
    if not draft.linked(call.gateway_id):
        return WhyCode.GATEWAY_DOWN.value
    if draft.now > call.not_after:
        return "too-late"
    return None


def _remember_why(draft: Draft, command: commands.AttemptsLeased) -> None:
    found = len(command.attempts)
    # Fewer and no reason: lines were short in the meantime. The lists are not, so nobody waits.
    if found < command.asked and (command.reason or not found):
        reason = WhyCode(command.reason) if command.reason else WhyCode.NO_DIALABLE
        why = Why(
            found, reason.value, draft.now, command.next_allowed_at, draft.now, dry_reason=reason
        )
    else:
        why = Why(found, command.reason, draft.now)
    draft.why.put(command.campaign_id, why)


def set_running(draft: Draft, command: commands.SetCampaignRunning) -> None:
    """Start, pause, drain or stop. Stopping reaches INVITEs that are on their way."""
    campaign = draft.campaign(command.campaign_id)
    if campaign.running != command.running:
        _switch(draft, campaign, command.running, by=command.by)
    if command.running == "stopped" and command.in_flight == "message":
        withdrawals.of_campaign(draft, campaign)


def stop_campaigns(draft: Draft, command: commands.StopCampaigns) -> None:
    """The kill switch: every one of these, in one decision."""
    for campaign_id in command.campaign_ids:
        stop = commands.SetCampaignRunning(campaign_id, "stopped", command.by, command.in_flight)
        set_running(draft, stop)


def _switch(draft: Draft, campaign: Campaign, running: Running, *, by: str) -> None:
    changed = replace(campaign, running=running, running_by=by, running_at=draft.now)
    draft.campaigns.put(campaign.campaign_id, changed)
    draft.emit(CampaignRunningSet(campaign.campaign_id, running, draft.now, by))
    if running == "stopped":
        draft.do(effects.StopCampaign(campaign.campaign_id))
        preview.withdraw(draft, campaign.campaign_id)
    elif campaign.running == "stopped":
        draft.do(effects.ResumeCampaign(campaign.campaign_id))
    _book_seats(draft)


def _book_seats(draft: Draft) -> None:
    """From here on seats between two calls may wait for another campaign: so their time is told."""
    for seat in draft.seats.values():
        campaign_id = draft.waits_for(seat)
        if seat.state in FREE and seat.campaign_id != campaign_id:
            draft.change_campaign(seat, campaign_id)


def set_screening(draft: Draft, command: commands.SetScreening) -> None:
    """How answers are listened to; calls on their way keep what they left with."""
    campaign = draft.campaign(command.campaign_id)
    if campaign.screening == command.screening:
        return
    draft.campaigns.put(campaign.campaign_id, replace(campaign, screening=command.screening))
    draft.emit(ScreeningSet(campaign.campaign_id, command.screening, draft.now))


def set_pacing(draft: Draft, command: commands.SetPacing) -> None:
    """Mode and ratio."""
    campaign = draft.campaign(command.campaign_id)
    if not MIN_RATIO <= command.ratio <= MAX_RATIO:
        raise Refused(ErrorId.RATIO_OUT_OF_RANGE, lowest=MIN_RATIO, highest=MAX_RATIO)
    if (campaign.mode, campaign.ratio) == (command.mode, command.ratio):
        return
    if overdials(command.mode, command.ratio) and not campaign.safe_harbour:
        raise Refused(ErrorId.NO_SAFE_HARBOUR)
    changed = replace(campaign, mode=command.mode, ratio=command.ratio)
    draft.campaigns.put(campaign.campaign_id, changed)
    draft.emit(PacingSet(campaign.campaign_id, command.mode, command.ratio, draft.now))


def set_abandon_target(draft: Draft, command: commands.SetAbandonTarget) -> None:
    """What the pacer may spend of the patience of people who answered."""
    campaign = draft.campaign(command.campaign_id)
    if not 0.0 <= command.target <= MOST_ABANDONED:
        raise Refused(ErrorId.TARGET_OUT_OF_RANGE, lowest=0.0, highest=100 * MOST_ABANDONED)
    if campaign.abandon_target == command.target:
        return
    draft.campaigns.put(campaign.campaign_id, replace(campaign, abandon_target=command.target))
    draft.emit(AbandonTargetSet(campaign.campaign_id, command.target, draft.now))


def approve_safe_harbour(draft: Draft, command: commands.ApproveSafeHarbour) -> None:
    """From here on calls may be started ahead, by gateways that play this very recording; without
    one (it was withdrawn) none may."""
    campaign = draft.campaign(command.campaign_id)
    draft.campaigns.put(campaign.campaign_id, replace(campaign, safe_harbour=command.sha256))
    draft.emit(
        SafeHarbourApproved(
            campaign.campaign_id,
            command.sha256,
            command.text,
            command.duration_ms,
            command.by,
            draft.now,
        )
    )


def configure(draft: Draft, command: commands.ConfigureCampaign) -> None:
    """A campaign's settings as saved; what has a command of its own is kept.

    A version that is published may not call more people than operators wait before a recording
    for abandoned calls is approved.
    """
    campaign = command.campaign
    known = draft.campaigns.get(campaign.campaign_id)
    if known is not None:
        pace = campaign if command.published else known
        if overdials(pace.mode, pace.ratio) and command.published and not known.safe_harbour:
            raise Refused(ErrorId.NO_SAFE_HARBOUR)
        campaign = replace(
            campaign,
            running=known.running,
            running_by=known.running_by,
            running_at=known.running_at,
            screening=pace.screening,
            mode=pace.mode,
            ratio=pace.ratio,
            abandon_target=pace.abandon_target,
            safe_harbour=known.safe_harbour,
            message=known.message,
            survey=replace(
                campaign.survey, question=known.survey.question, thanks=known.survey.thanks
            ),
            answers=known.answers,
        )
    draft.campaigns.put(campaign.campaign_id, campaign)
    if known is None or known.skills != campaign.skills:
        skills.fit_all(draft)


def count_answers(draft: Draft, command: commands.CountAnswers) -> None:
    """Fresh figures of the rolling windows; the timer takes them again when they came too late."""
    campaign = draft.campaign(command.campaign_id)
    if campaign.answers != command.seen:
        return
    draft.campaigns.put(campaign.campaign_id, replace(campaign, answers=command.answers))


def block(draft: Draft, command: commands.BlockCustomer) -> None:
    """Do-not-call: no INVITE to these numbers any more, and calls on their way end (I9)."""
    keys = frozenset(command.number_keys)
    draft.do(effects.BlockNumbers(command.number_keys))
    withdrawals.of_numbers(draft, keys, command.reason)
