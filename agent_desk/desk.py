"""The running desk as one value: what routes, the server and the command line may ask of it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from agent_desk.consequences import Consequences
from agent_desk.dialer.ids import SeatId
from agent_desk.gateway.link import GatewayLink
from agent_desk.routine import Routine
from agent_desk.services.api.cursors import Cursors
from agent_desk.services.api.history import History
from agent_desk.services.api.intake import CustomerIntake
from agent_desk.services.api.repeats import Repeats
from agent_desk.services.api.tokens import TokenService
from agent_desk.services.campaigns.message_files import MessageFiles
from agent_desk.services.campaigns.messages import MachineMessages
from agent_desk.services.campaigns.orders import Orders
from agent_desk.services.campaigns.owed_callbacks import OwedCallbacks
from agent_desk.services.campaigns.promise_pages import PromisePages
from agent_desk.services.campaigns.record_fields import RecordFieldSettings
from agent_desk.services.campaigns.shown_numbers import shown_by
from agent_desk.services.campaigns.statuses import StatusService
from agent_desk.services.campaigns.steering import CampaignService
from agent_desk.services.campaigns.survey_prompts import SurveyPrompts
from agent_desk.services.campaigns.training import Training
from agent_desk.services.campaigns.use_cases import CampaignSetup, campaign_setup
from agent_desk.services.customers.use_cases import CustomerServices
from agent_desk.services.dialing.draining import Draining
from agent_desk.services.dialing.ladders import Ladders
from agent_desk.services.dialing.safe_harbours import SafeHarbours
from agent_desk.services.listening_audits.use_cases import ListeningAudits, listening_audits
from agent_desk.services.lists.imports import ImportService
from agent_desk.services.lists.use_cases import ListServices
from agent_desk.services.people.accounts import AccountService, Person
from agent_desk.services.people.use_cases import PeopleServices
from agent_desk.services.ports import Clock, Hub
from agent_desk.services.recordings.listening import RecordingService
from agent_desk.services.reports.call_lists import CallLists
from agent_desk.services.reports.figures import ReportService
from agent_desk.services.reports.reading_voices import ReadingVoices
from agent_desk.services.rules.do_not_call import DoNotCallService
from agent_desk.services.rules.use_cases import RuleServices
from agent_desk.services.running.campaign_facts import CampaignBook
from agent_desk.services.running.group_commit import GroupCommit
from agent_desk.services.running.metrics import DeskMetrics
from agent_desk.services.running.tickets import TicketOffice
from agent_desk.services.scripts.editing import ScriptEditing
from agent_desk.services.seat.call_tools import CallTools
from agent_desk.services.seat.seats import SeatService
from agent_desk.services.seat.use_cases import SeatUseCases
from agent_desk.services.strategy.table import StrategyService
from agent_desk.sockets.publisher import SocketPublisher
from agent_desk.store.unit_of_work import Database, DatabaseBusy
from config import DeskConfig

# What a database that is away or locked raises; pages then answer 503 and mean "soon".
DATABASE_FAULTS: tuple[type[Exception], ...] = (OperationalError, DatabaseBusy)


@dataclass(frozen=True)
class Desk:
    """Every part of the desk that something outside `wiring.py` needs."""

    config: DeskConfig
    hub: Hub
    clock: Clock
    database: Database
    draining: Draining
    commits: GroupCommit
    consequences: Consequences
    link: GatewayLink
    publisher: SocketPublisher
    tickets: TicketOffice
    people: PeopleServices
    seats: SeatService
    campaigns: CampaignService
    book: CampaignBook
    reports: ReportService
    call_lists: CallLists
    ladders: Ladders
    imports: ImportService
    customers: CustomerServices
    lists: ListServices
    rules: RuleServices
    recordings: RecordingService
    safe_harbours: SafeHarbours
    metrics: DeskMetrics
    routine: Routine
    calls: CallTools
    paper: SeatUseCases
    namespaces: Sequence[Any]

    @property
    def accounts(self) -> AccountService:
        """Signing in, and sessions."""
        return self.people.accounts

    @property
    def do_not_call(self) -> DoNotCallService:
        """Numbers and people nobody calls."""
        return self.lists.do_not_call

    @property
    def training(self) -> Training:
        """Practice campaigns, as the pages' doors have them."""
        return self.calls.training

    @property
    def scripts(self) -> ScriptEditing:
        """Writing what is said; holds nothing of its own."""
        return ScriptEditing(
            database=self.database, commits=self.commits, book=self.book, clock=self.clock
        )

    @property
    def strategy(self) -> StrategyService:
        """The strategy table; holds nothing of its own."""
        return StrategyService(database=self.database, commits=self.commits, clock=self.clock)

    @property
    def tokens(self) -> TokenService:
        """Keys of other systems; holds nothing of its own."""
        return TokenService(database=self.database, commits=self.commits, clock=self.clock)

    @property
    def repeats(self) -> Repeats:
        """Answers to requests that are sent again; holds nothing of its own."""
        return Repeats(sealer=self.rules.sealer, commits=self.commits, clock=self.clock)

    @property
    def intake(self) -> CustomerIntake:
        """Customers other systems send; holds nothing of its own."""
        return CustomerIntake(
            database=self.database,
            sealer=self.rules.sealer,
            commits=self.commits,
            clock=self.clock,
            practice=self.config.practice,
            calls=self.rules.calls,
        )

    @property
    def history(self) -> History:
        """What other systems read, page by page; holds nothing of its own."""
        return History(
            database=self.database,
            sealer=self.rules.sealer,
            commits=self.commits,
            clock=self.clock,
            cursors=Cursors(self.config.secret_key),
        )

    @property
    def setup(self) -> CampaignSetup:
        """Setting campaigns up; holds nothing of its own."""
        return campaign_setup(
            self,
            sealer=self.rules.sealer,
            practice=self.config.practice,
            shown_by=shown_by(self.config.trunks),
            changed=self.campaigns_changed,
        )

    def campaigns_changed(self) -> None:
        """What pages show of campaigns is another, and perhaps whose calls a seat serves."""
        self.seats.serve_anew()
        self.publisher.campaigns_changed()

    @property
    def promise_pages(self) -> PromisePages:
        """The ledger of promises; holds nothing of its own."""
        return PromisePages(
            database=self.database,
            sealer=self.rules.sealer,
            commits=self.commits,
            clock=self.clock,
        )

    @property
    def owed_callbacks(self) -> OwedCallbacks:
        """Callbacks as leads look at them; holds nothing of its own."""
        return OwedCallbacks(
            database=self.database,
            sealer=self.rules.sealer,
            commits=self.commits,
            clock=self.clock,
        )

    @property
    def orders(self) -> Orders:
        """Orders and their cooling-off; holds nothing of its own."""
        return Orders(
            database=self.database,
            sealer=self.rules.sealer,
            commits=self.commits,
            clock=self.clock,
            refusals=self.rules.refusals,
        )

    @property
    def listening_audits(self) -> ListeningAudits:
        """Weekly audits of recordings; hold nothing of their own."""
        return listening_audits(
            database=self.database,
            sealer=self.rules.sealer,
            commits=self.commits,
            clock=self.clock,
            hub=self.hub,
            seed_key=self.config.audit_key,
        )

    @property
    def record_fields(self) -> RecordFieldSettings:
        """The fields of campaigns' records; holds nothing of its own."""
        return RecordFieldSettings(
            database=self.database,
            sealer=self.rules.sealer,
            commits=self.commits,
            book=self.book,
            clock=self.clock,
        )

    @property
    def messages(self) -> MachineMessages:
        """What may be left on answering machines; holds nothing of its own."""
        return MachineMessages(database=self.database, commits=self.commits, clock=self.clock)

    @property
    def reading_voices(self) -> ReadingVoices:
        """What customers said of us, for people in charge; holds nothing of its own."""
        return ReadingVoices(
            database=self.database,
            sealer=self.rules.sealer,
            commits=self.commits,
            clock=self.clock,
        )

    @property
    def survey_prompts(self) -> SurveyPrompts:
        """What customers are asked at the end of talks; holds nothing of its own."""
        return SurveyPrompts(database=self.database, commits=self.commits, clock=self.clock)

    @property
    def message_files(self) -> MessageFiles:
        """Recordings people brought; holds nothing of its own."""
        return MessageFiles(
            database=self.database,
            commits=self.commits,
            clock=self.clock,
            machine=self.messages,
            abandoned=self.safe_harbours,
            surveys=self.survey_prompts,
            scripts=self.scripts,
        )

    @property
    def statuses(self) -> StatusService:
        """The campaigns' status buttons."""
        return self.setup.statuses

    def start(self) -> None:
        """Begin to decide, tick and push."""
        self.consequences.begin(self.hub)
        self.hub.spawn(self.commits.run_forever)
        self.routine.start()

    def stop(self) -> None:
        """Decide nothing more; what was acknowledged is durable already."""
        self.reports.requests.stop()
        self.reports.log.write()
        self.routine.stop()
        self.consequences.stop()
        self.commits.stop()

    def sign_out(self, who: Person) -> None:
        """End a session and, for an operator, the seat; refused while a customer is on it."""
        if who.role == "operator":
            self.seats.close(SeatId(who.username), cause="logout")
        self.accounts.sign_out(who.session_id)

    def set_enabled(self, user_id: int, username: str, enabled: bool, *, actor: Person) -> None:
        """Let a person in or keep them out; a seat of theirs is closed, a customer's call first
        coming to its end."""
        self.accounts.set_enabled(user_id, enabled, actor=actor)
        if not enabled:
            self.people.departures.leave(username)

    def not_ready(self) -> list[str]:
        """What is missing before people can work: `database`, `gateway`.

        A trunk is not: reports, lists and the floor, which says what is wrong with it, are there.
        """
        missing = []
        try:
            with self.database.read() as session:
                session.connection()
        except (SQLAlchemyError, DatabaseBusy):
            missing.append("database")
        if not any(gateway.linked for gateway in self.commits.floor.gateways.values()):
            missing.append("gateway")
        return missing

    def trunks_down(self) -> dict[str, str]:
        """Why no linked gateway can use a trunk, by trunk id; empty as soon as one can."""
        linked = [each for each in self.commits.floor.gateways.values() if each.linked]
        shares = [share for gateway in linked for share in gateway.trunks.items()]
        up = {trunk_id for trunk_id, share in shares if share.up}
        return {trunk_id: share.reason for trunk_id, share in shares if trunk_id not in up}

    def worker_key_fits(self, header: str | None) -> bool:
        """Whether a request shows the key of our own worker."""
        wanted = f"Bearer {worker_key(self.config.secret_key)}"
        return hmac.compare_digest((header or "").encode(), wanted.encode())


def worker_key(secret_key: str) -> str:
    """The key by which worker and command line open the desk's write door."""
    return hmac.new(secret_key.encode(), b"worker", hashlib.sha256).hexdigest()
