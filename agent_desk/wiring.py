"""The composition root: every part is built once, here, and handed what it needs.

Reading it from top to bottom is reading how the desk hangs together: first what everything stands
on, then the loop that decides, then what reaches outside, then the use cases, then the doors.
Tests call `wire` with their own hub and clock; no client lives at module level.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask_socketio import SocketIO

from agent_desk.catalogue import translate
from agent_desk.consequences import Consequences
from agent_desk.desk import Desk
from agent_desk.dialer.ids import TrunkId
from agent_desk.gateway.gauges import GatewayGauges
from agent_desk.gateway.link import GatewayLink
from agent_desk.ground import Ground, lay_ground
from agent_desk.routine import Routine
from agent_desk.services.api.cursors import Cursors
from agent_desk.services.campaigns.steering import CampaignService
from agent_desk.services.customers.use_cases import CustomerServices, customer_services
from agent_desk.services.dialing.inbound import Callers
from agent_desk.services.dialing.ladders import Ladders
from agent_desk.services.dialing.lease_answers import LeaseAnswers
from agent_desk.services.dialing.leasing import Dialing
from agent_desk.services.dialing.next_try import journal
from agent_desk.services.dialing.pacing import Pacing
from agent_desk.services.dialing.pacing_gauges import PacingGauges
from agent_desk.services.dialing.safe_harbours import SafeHarbours
from agent_desk.services.dialing.trunk_choice import Rank
from agent_desk.services.lists.imports import ImportService
from agent_desk.services.lists.use_cases import ListServices, list_services
from agent_desk.services.people.use_cases import PeopleServices, people_services
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.recordings.listening import recording_service
from agent_desk.services.reports.call_lists import CallLists
from agent_desk.services.reports.figures import ReportService
from agent_desk.services.rules.use_cases import RuleServices, rule_services
from agent_desk.services.running.effects import EffectRunner
from agent_desk.services.running.gateway_ledger import GatewayLedger
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.running.metrics import DeskMetrics
from agent_desk.services.running.tickets import TicketOffice
from agent_desk.services.seat.call_tools import CallTools, call_tools
from agent_desk.services.seat.caller_records import CallerRecords
from agent_desk.services.seat.line_quality import LineQuality
from agent_desk.services.seat.seats import SeatService
from agent_desk.services.seat.supervision import Supervision
from agent_desk.services.seat.use_cases import seat_use_cases
from agent_desk.sockets.admission import Admission
from agent_desk.sockets.backlog import waiting
from agent_desk.sockets.campaign_pictures import campaign_pictures
from agent_desk.sockets.connections import Connections
from agent_desk.sockets.desk import DeskNamespace
from agent_desk.sockets.floor import FloorNamespace, FloorUse
from agent_desk.sockets.floor_supervision import leads_watched
from agent_desk.sockets.floor_view import gateways_view
from agent_desk.sockets.gateway import GatewayNamespace
from agent_desk.sockets.publisher import SocketPublisher
from agent_desk.sockets.pulse import PulseBox, PulseNamespace
from agent_desk.sockets.states import States
from agent_desk.sockets.wallboard import WallboardNamespace
from agent_desk.sockets.wallboard_view import wall_pictures
from agent_desk.store import system
from agent_desk.store.campaigns import pacer_memory
from config import DeskConfig
from softphone.protocol import TrunkShare


def wire(config: DeskConfig, *, hub: Hub, io: SocketIO, clock: Clock | None = None) -> Desk:
    """Build everything; nothing runs yet. `io` may be attached to its application later."""
    ground = lay_ground(config, hub, clock)
    pacing = _pacing(ground)
    consequences = Consequences(pacing, ground.clock.monotonic)
    commits = _commits(ground, consequences)
    metrics = DeskMetrics(lambda: commits.floor)
    quality = LineQuality(lambda: commits.floor)
    link = _link(ground, commits, io, quality)
    metrics.registry.register(
        GatewayGauges(floor=lambda: commits.floor, liveness=lambda: dict(link.newest_liveness))
    )
    metrics.registry.register(PacingGauges(floor=lambda: commits.floor, figures=pacing.figures))
    connections = Connections(close=lambda sid, space: io.server.disconnect(sid, space))
    calls = call_tools(ground, commits, config, quality=quality, user_ended=connections.close_user)
    publisher = SocketPublisher(
        connections=connections,
        states=_states(ground, commits, quality, pacing, calls),
        clock=ground.clock,
        emit=lambda event, data, sid, space: io.server.emit(event, data, to=sid, namespace=space),
        waiting=lambda sid, space: waiting(io.server, sid, space),
    )
    rules = rule_services(ground, commits, practice=config.practice)
    answers = LeaseAnswers(database=ground.database, commits=commits, epoch=ground.recovered.epoch)
    dialing = _dialing(ground, commits, link, rules, answers)
    consequences.effects = EffectRunner(dialing=dialing, gateway=link, publisher=publisher)
    consequences.publisher = publisher
    consequences.metrics = metrics
    consequences.quality = quality
    consequences.commits = commits
    consequences.orders = calls.orders
    return _desk(ground, consequences, link, connections, pacing, answers, rules, calls)


def _commits(ground: Ground, consequences: Consequences) -> GroupCommit:
    commits = GroupCommit(
        database=ground.database,
        clock=ground.clock,
        floor=ground.recovered.floor,
        write_events=journal(ground.sealer, practice=ground.config.practice).write_events,
        run_effect=consequences.run_effect,
        committed=consequences.committed,
        fence=partial(system.fence, epoch=ground.recovered.epoch),
        aside=ground.hub.aside,
    )
    for command in ground.recovered.absent:
        commits.put(command)
    return commits


def _dialing(
    ground: Ground,
    commits: GroupCommit,
    link: GatewayLink,
    rules: RuleServices,
    answers: LeaseAnswers,
) -> Dialing:
    trunks = ground.config.trunks
    return Dialing(
        database=ground.database,
        sealer=ground.sealer,
        commits=commits,
        gateway=link,
        clock=ground.clock,
        epoch=ground.recovered.epoch,
        practice=ground.config.practice,
        calls=rules.calls,
        answers=answers,
        draining=ground.draining,
        trunk_caller_ids={trunk.trunk_id: trunk.caller_id for trunk in trunks},
        trunk_numbers={trunk.trunk_id: trunk.shown_numbers for trunk in trunks},
        trunk_ranks={
            TrunkId(trunk.trunk_id): Rank(trunk.priority, trunk.weight) for trunk in trunks
        },
    )


def _pacing(ground: Ground) -> Pacing:
    """The campaigns' pacers, which go on from what they had learnt before the desk was stopped."""
    with ground.database.read() as session:
        return Pacing(pacer_memory.load(session), callbacks=ground.book.callback_due)


def _link(ground: Ground, commits: GroupCommit, io: SocketIO, quality: LineQuality) -> GatewayLink:
    return GatewayLink(
        commits=commits,
        ledger=GatewayLedger(ground.database, ground.clock),
        recognise=Callers(
            database=ground.database,
            sealer=ground.sealer,
            commits=commits,
            book=ground.book,
            epoch=ground.recovered.epoch,
            practice=ground.config.practice,
        ).recognise,
        clock=ground.clock,
        epoch=ground.recovered.epoch,
        quality=quality,
        trunks=[TrunkShare(t.trunk_id, t.lines, t.calls_per_second) for t in ground.config.trunks],
        emit=lambda event, data, sid, reply: io.server.emit(
            event, data, to=sid, namespace="/gateway", callback=reply
        ),
    )


def _states(
    ground: Ground,
    commits: GroupCommit,
    quality: LineQuality,
    pacing: Pacing,
    calls: CallTools,
) -> States:
    states = States(
        floor=lambda: commits.floor,
        figures=ground.figures,
        campaigns=ground.book,
        records=CallerRecords(
            database=ground.database,
            sealer=ground.sealer,
            commits=commits,
            book=ground.book,
            clock=ground.clock,
        ),
        calls=calls,
        clock=ground.clock,
        names=ground.names.names,
        translate=translate,
        gateways=lambda: gateways_view(commits.floor),
        quality=quality,
        pictures=campaign_pictures(ground, ground.book, ground.rates, pacing.figures),
        wall=wall_pictures(ground, ground.rates, calls.help),
    )
    states.restore(ground.recovered.notes, ground.recovered.promises)
    return states


@dataclass(frozen=True)
class UseCases:
    """What pages and routes may ask for."""

    people: PeopleServices
    seats: SeatService
    campaigns: CampaignService
    tickets: TicketOffice
    reports: ReportService
    call_lists: CallLists
    ladders: Ladders
    imports: ImportService
    customers: CustomerServices
    lists: ListServices


def _use_cases(
    ground: Ground,
    commits: GroupCommit,
    link: GatewayLink,
    connections: Connections,
    rules: RuleServices,
) -> UseCases:
    clock, database, book, sealer = ground.clock, ground.database, ground.book, ground.sealer
    reports = ReportService(
        database=database, commits=commits, book=book, clock=clock, config=ground.config
    )
    people, seats = people_services(
        ground,
        commits,
        seats=lambda booths: SeatService(
            commits=commits, gateway=link, campaigns=book, entering=booths.entering
        ),
        session_ended=connections.close_session,
        user_ended=connections.close_user,
    )
    return UseCases(
        people=people,
        seats=seats,
        campaigns=CampaignService(commits=commits, book=book, clock=clock, gateway=link),
        tickets=TicketOffice(clock),
        reports=reports,
        call_lists=CallLists(
            database=database,
            sealer=sealer,
            commits=commits,
            clock=clock,
            campaigns=reports.campaigns,
            cursors=Cursors(ground.config.secret_key),
        ),
        ladders=Ladders(database=database, commits=commits, gateway=link, clock=clock),
        imports=ImportService(
            database=database,
            sealer=sealer,
            commits=commits,
            clock=clock,
            data_dir=ground.config.data_dir,
            pause=lambda: ground.hub.pause(0),
            aside=ground.hub.aside,
        ),
        lists=list_services(ground, commits, calls=rules.calls),
        customers=customer_services(ground, commits),
    )


def _desk(
    ground: Ground,
    consequences: Consequences,
    link: GatewayLink,
    connections: Connections,
    pacing: Pacing,
    answers: LeaseAnswers,
    rules: RuleServices,
    calls: CallTools,
) -> Desk:
    """The use cases, the doors of pages and gateways, and what is done again and again."""
    commits, publisher = consequences.commits, consequences.publisher
    use = _use_cases(ground, commits, link, connections, rules)
    pulses = PulseBox()
    floor = FloorUse(use.campaigns, Supervision(commits=commits, gateway=link), calls)
    seen = publisher.seat_changed
    paper = seat_use_cases(ground, commits, seats=use.seats, rules=rules, calls=calls, changed=seen)
    admit = Admission(use.people.accounts, use.tickets).admit  # who may open a page's socket
    checks: dict[str, Any] = dict(connections=connections, admit=admit, translate=translate)
    wall = WallboardNamespace(use.people.wallboards, use.tickets, publisher=publisher, **checks)
    watched = leads_watched(floor.supervision, connections)
    chores = (*use.lists.chores, *use.reports.chores, *publisher.chores, *wall.chores, watched)
    return Desk(
        config=ground.config,
        hub=ground.hub,
        clock=ground.clock,
        database=ground.database,
        draining=ground.draining,
        book=ground.book,
        **vars(use),
        rules=rules,
        commits=commits,
        consequences=consequences,
        link=link,
        publisher=publisher,
        metrics=consequences.metrics,
        recordings=recording_service(ground, commits, publisher),
        safe_harbours=SafeHarbours(database=ground.database, commits=commits, clock=ground.clock),
        routine=Routine(
            ground,
            commits=commits,
            pacing=pacing,
            leases=answers,
            publisher=publisher,
            pulses=pulses,
            close_ended=lambda: use.people.accounts.close_ended(connections.sessions()),
            departures=use.people.departures.step,
            chores=chores,
            late=consequences.metrics.hub_gap.observe,
        ),
        calls=calls,
        paper=paper,
        namespaces=(
            DeskNamespace(paper, publisher=publisher, **checks),
            FloorNamespace(floor, publisher=publisher, **checks),
            wall,
            PulseNamespace(box=pulses, clock=ground.clock, quality=link.quality, **checks),
            GatewayNamespace(link=link, secret=ground.config.gateway_secret),
        ),
    )
