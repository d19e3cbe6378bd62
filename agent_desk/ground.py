"""What every part of the desk stands on, and how it comes to be: before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent_desk.clock import SystemClock
from agent_desk.dialer.business_time import at
from agent_desk.services.customers.rotation import index_key_fits
from agent_desk.services.dialing.answer_rates import HOUR, NEVER_LEFT, AnswerRates
from agent_desk.services.dialing.draining import Draining
from agent_desk.services.people.names import People
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.reports.without_training import without_training
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.day_figures import DayFigures, business_date
from agent_desk.services.running.recovery import Recovered, Recovery
from agent_desk.store import instants
from agent_desk.store.rows import today
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database
from config import ConfigError, DeskConfig
from config_reader import Fault

# A desk that stands still for so long within a write has lost it, and the floor to the next one.
FORSAKEN_AFTER_S = 30.0


@dataclass(frozen=True)
class Ground:
    """What everything stands on."""

    config: DeskConfig
    hub: Hub
    clock: Clock
    database: Database
    sealer: Sealer
    book: CampaignBook
    names: People
    recovered: Recovered
    figures: DayFigures
    rates: AnswerRates
    draining: Draining = field(default_factory=Draining)


def lay_ground(config: DeskConfig, hub: Hub, given: Clock | None) -> Ground:
    """Open the database, recover what was true, read what is looked up often."""
    database = Database(config.database_url, pause=hub.pause, forsaken_after_s=FORSAKEN_AFTER_S)
    clock = given or _clock(config, database)
    sealer = Sealer.of_keys(config.data_keys, config.index_key)
    if not index_key_fits(database, sealer):
        problem = "is another one than the hashes in the database were made with"
        remedy = "Put it back, or run `python -m agent_desk rotate-keys` before the desk"
        raise ConfigError((Fault("DESK_INDEX_KEY", problem, remedy),))
    recovered = Recovery(database=database, sealer=sealer, clock=clock).begin()
    book = CampaignBook(database, clock)
    book.reload()
    book.refresh_counts()
    figures = DayFigures(business_date(clock.now()))
    figures.apply(
        without_training(
            recovered.today, is_training=book.is_training, campaign_of=lambda call_id: None
        )
    )
    rates = _rates(database, clock)
    names = People(database)
    return Ground(config, hub, clock, database, sealer, book, names, recovered, figures, rates)


def _rates(database: Database, clock: Clock) -> AnswerRates:
    """Of today, and shortly after midnight of the hour before."""
    now = clock.now()
    since = min(now - HOUR, at(business_date(now), 0))
    rates = AnswerRates()
    with database.read() as session:
        rates.restore(today.answers_since(session, since, but=NEVER_LEFT), now)
    return rates


def _clock(config: DeskConfig, database: Database) -> Clock:
    """Business time; a shifted one that was begun afresh never starts before what is recorded.

    Started twice with the same DESK_CLOCK_START, the desk would otherwise go back in time over its
    own rows, and intervals would turn negative.
    """
    start = config.clock_start
    if start is not None and config.clock_anchor is None:
        with database.read() as session:
            newest = instants.newest(session)
        start = max(start, newest) if newest is not None else start
    return SystemClock(start, config.clock_anchor)
