"""What an operator's page may ask for beyond the seat's own verbs, in one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agent_desk.dialer.ids import SeatId
from agent_desk.services.dialing.hand_calls import HandCalls
from agent_desk.services.rules.use_cases import RuleServices
from agent_desk.services.running.day_figures import DayFigures
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.call_tools import CallGround, CallTools
from agent_desk.services.seat.callbacks import CallbackService
from agent_desk.services.seat.corrections import Corrections
from agent_desk.services.seat.counterparts import Counterparts
from agent_desk.services.seat.identity import IdentityService
from agent_desk.services.seat.objections import ObjectionService
from agent_desk.services.seat.record_fields import RecordFields
from agent_desk.services.seat.seats import SeatService
from config import DeskConfig


@dataclass(frozen=True)
class SeatUseCases:
    """Each of them answers for one operator's seat."""

    seats: SeatService
    identity: IdentityService
    objections: ObjectionService
    callbacks: CallbackService
    hand_calls: HandCalls
    fields: RecordFields
    corrections: Corrections
    counterparts: Counterparts
    calls: CallTools


class RecordGround(CallGround, Protocol):
    """What they stand on besides."""

    @property
    def figures(self) -> DayFigures: ...

    @property
    def config(self) -> DeskConfig: ...


def seat_use_cases(
    ground: RecordGround,
    commits: GroupCommit,
    *,
    seats: SeatService,
    rules: RuleServices,
    calls: CallTools,
    changed: Callable[[SeatId], None],
) -> SeatUseCases:
    """Built once per desk. `changed` tells an operator's page to look again."""
    practice = ground.config.practice
    return SeatUseCases(
        seats=seats,
        calls=calls,
        identity=IdentityService(
            database=ground.database,
            sealer=ground.sealer,
            commits=commits,
            seats=seats,
            book=ground.book,
        ),
        callbacks=CallbackService(
            database=ground.database,
            commits=commits,
            clock=ground.clock,
            seats=seats,
            sealer=ground.sealer,
            practice=practice,
        ),
        hand_calls=HandCalls(
            database=ground.database,
            sealer=ground.sealer,
            commits=commits,
            clock=ground.clock,
            practice=practice,
        ),
        fields=RecordFields(
            database=ground.database,
            sealer=ground.sealer,
            commits=commits,
            clock=ground.clock,
            seats=seats,
        ),
        corrections=Corrections(
            database=ground.database,
            sealer=ground.sealer,
            commits=commits,
            clock=ground.clock,
            book=ground.book,
            figures=ground.figures,
            calls=rules.calls,
            practice=practice,
            changed=changed,
        ),
        counterparts=Counterparts(database=ground.database, commits=commits),
        objections=ObjectionService(
            database=ground.database, clock=ground.clock, seats=seats, holds=rules.holds
        ),
    )
