"""The demo's tariffs: one as for a trunk with three-minute units, one of each other kind."""

from __future__ import annotations

from datetime import datetime

from agent_desk.dialer.business_time import business_date
from agent_desk.dialer.charges import Rate, Terms, Version
from agent_desk.services.campaigns.tariffs import write_version
from agent_desk.store.campaigns import tariffs
from agent_desk.store.unit_of_work import Session

_TARIFFS = (
    (
        "3分従量プラン",
        Terms("metered", Rate(780, 180), Rate(1_600, 60), 10_000, 1_000, "terminal"),
    ),
    ("20秒従量プラン", Terms("metered", Rate(120, 20), Rate(120, 20), 10_000, 5_000, "booth")),
    ("コール単価プラン", Terms("per_call", Rate(600, 60), Rate(1_200, 60), 5_000, 2_000, "id")),
    (
        "5分定額プラン",
        Terms("allowance", Rate(800, 180), Rate(1_800, 60), 10_000, 3_000, "booth", 300),
    ),
    ("かけ放題プラン", Terms("unlimited", Rate(0, 60), Rate(0, 60), 10_000, 12_000, "booth")),
)


def add_tariffs(session: Session, *, by: str, at: datetime) -> int:
    """Make them, in force from the first of this month; the id of the one the demo is on."""
    first = business_date(at).replace(day=1)
    made = []
    for name, terms in _TARIFFS:
        made.append(tariffs.add(session, name, at=at))
        write_version(session, made[-1], Version(first, terms), by=by, at=at)
    return made[0]
