"""The use cases of the calling rules in one value: what else may change whom nobody calls."""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.services.dialing.second_look import SecondLook
from agent_desk.services.dialing.withdrawals import Withdrawals
from agent_desk.services.ground import Ground
from agent_desk.services.rules.holds import HoldService
from agent_desk.services.rules.overrides import OverrideService
from agent_desk.services.rules.payments import PaymentService
from agent_desk.services.rules.refusals import RefusalService
from agent_desk.services.rules.settings import RuleSettingsService
from agent_desk.services.write_door import WriteDoor
from agent_desk.store.sealing import Sealer


@dataclass(frozen=True)
class RuleServices:
    """All of them write through `calls`, which ends what was queued."""

    sealer: Sealer
    calls: Withdrawals
    holds: HoldService
    overrides: OverrideService
    payments: PaymentService
    refusals: RefusalService
    settings: RuleSettingsService


def rule_services(ground: Ground, commits: WriteDoor, *, practice: bool) -> RuleServices:
    """Built once per desk or command."""
    database, sealer, clock = ground.database, ground.sealer, ground.clock
    look = SecondLook(sealer=sealer, clock=clock, practice=practice)
    calls = Withdrawals(database=database, commits=commits, clock=clock, look=look)
    return RuleServices(
        sealer=sealer,
        calls=calls,
        holds=HoldService(database=database, sealer=sealer, clock=clock, calls=calls),
        overrides=OverrideService(
            database=database, sealer=sealer, clock=clock, calls=calls, practice=practice
        ),
        payments=PaymentService(database=database, clock=clock, calls=calls),
        refusals=RefusalService(database=database, clock=clock, calls=calls),
        settings=RuleSettingsService(database=database, clock=clock, calls=calls),
    )
