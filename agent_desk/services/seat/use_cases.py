"""What an operator's page may ask for beyond the seat's own verbs, in one value."""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.services.rules.use_cases import RuleServices
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.seat.call_tools import CallTools, Ground
from agent_desk.services.seat.callbacks import CallbackService
from agent_desk.services.seat.identity import IdentityService
from agent_desk.services.seat.objections import ObjectionService
from agent_desk.services.seat.seats import SeatService


@dataclass(frozen=True)
class SeatUseCases:
    """Each of them answers for one operator's seat."""

    seats: SeatService
    identity: IdentityService
    objections: ObjectionService
    callbacks: CallbackService
    calls: CallTools


def seat_use_cases(
    ground: Ground,
    commits: GroupCommit,
    *,
    seats: SeatService,
    rules: RuleServices,
    calls: CallTools,
    practice: bool,
) -> SeatUseCases:
    """Built once per desk."""
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
        objections=ObjectionService(
            database=ground.database, clock=ground.clock, seats=seats, holds=rules.holds
        ),
    )
