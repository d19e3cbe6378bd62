"""What is done with customers one by one: looked up, opened, handed out, erased."""

from __future__ import annotations

from dataclasses import dataclass

from agent_desk.services.customers.erasure import Erasure
from agent_desk.services.customers.records import CustomerRecords
from agent_desk.services.customers.rotation import Rotation
from agent_desk.services.customers.search import CustomerSearch
from agent_desk.services.ground import DeskGround
from agent_desk.services.write_door import WriteDoor


@dataclass(frozen=True)
class CustomerServices:
    """One of each."""

    search: CustomerSearch
    records: CustomerRecords
    erasure: Erasure
    rotation: Rotation


def customer_services(ground: DeskGround, commits: WriteDoor) -> CustomerServices:
    """Build them."""
    database, sealer, clock = ground.database, ground.sealer, ground.clock
    return CustomerServices(
        search=CustomerSearch(
            database=database,
            sealer=sealer,
            commits=commits,
            clock=clock,
            practice=ground.config.practice,
        ),
        records=CustomerRecords(
            database=database,
            sealer=sealer,
            commits=commits,
            clock=clock,
            pause=lambda: ground.hub.pause(0),
        ),
        erasure=Erasure(database=database, sealer=sealer, commits=commits, clock=clock),
        rotation=Rotation(database=database, sealer=sealer, commits=commits, clock=clock),
    )
