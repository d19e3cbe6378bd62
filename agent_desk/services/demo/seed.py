"""The demo: two campaigns, three lists of fictional customers, accounts with the password `demo`.

What was chosen, and why:

* *Sales* (光回線のご案内, operator1–3): predictive with a cap of 3.0, so that three operators see
  the dialer call ahead and one operator alone has one line; when wrap-up runs out the seat is
  available again.
* *Collections* (カードご利用代金の督促, operator4–5): progressive, nobody is called without an
  operator waiting; two attempts a person and day, 本人確認 by birth date before anything of the
  debt is shown; when wrap-up runs out the seat goes away, for the result was not recorded.
* Sales asks every customer for a score at the end; practice customers press a key. Collections may
  (its recordings are approved), and does not.
* Both: ringing ends after 25 s, wrap-up after 60 s, screening is strict, calls 9:00–20:00.
* Operators and leads work Monday to Saturday, 10:00–19:00, and their teams have daily targets.
* Every practice customer was born on 1980-01-01 and the script says so, because the practice
  carrier's voices cannot be asked.

It is made once (`system.demo_seed`) and refused on a desk that can be reached from outside: the
password is public. A desk with a real trunk does not start on a database that holds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher

from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.demo.people import Person, people
from agent_desk.services.demo.prices import add_tariffs
from agent_desk.services.demo.recordings import add_recordings
from agent_desk.services.demo.satisfaction import add_prompts
from agent_desk.services.demo.working_day import add_rosters, add_targets
from agent_desk.services.lists import normalise
from agent_desk.store import system
from agent_desk.store.campaigns import campaigns, tariffs
from agent_desk.store.lists import lists
from agent_desk.store.lists.customers import CustomerWriter, Target
from agent_desk.store.lists.import_rows import Record
from agent_desk.store.people import accounts
from agent_desk.store.people.users import set_mail
from agent_desk.store.rows import past
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Database, Session

VERSION = "1"
PASSWORD = "demo"
BORN = "1980-01-01"
SOURCE = "demo"
TALKED_MINUTE = 11 * 60  # of the day: what is told of the past happened within calling hours

SALES_TEAM = "営業チーム"
COLLECTIONS_TEAM = "督促チーム"

SALES_SCRIPT = """\
「お忙しいところ恐れ入ります。あおば光通信の{担当}と申します。光回線のご案内でお電話しました。」
1. ご利用中の回線を伺う → 有効コール
2. 工事日の希望を伺う → アポ
3. 初回のお支払日を決める → 支払日設定
断られたら丁寧にお礼を述べて終える。"""

COLLECTIONS_SCRIPT = """\
「お忙しいところ恐れ入ります。私、{担当}と申します。{顧客カナ}様でいらっしゃいますでしょうか。」
本人「はい」→「ご本人様確認のため、生年月日をお伺いできますでしょうか。」
（練習用の顧客の生年月日はすべて 1980年1月1日 です）
確認後 →「お支払い期日を過ぎておりますご契約についてご連絡いたしました。」
「お支払いのご都合はいかがでしょうか。」
支払日と金額を復唱してから「支払日設定」。
ご本人以外には用件も契約の有無も伝えず、「{担当}と申します。またおかけ直しいたします」とだけ述べる。"""

CONTACT = {"code": "contact", "label_ja": "接触", "label_en": "Contact", "colour": "#2563eb"}
VALID = {"code": "valid", "label_ja": "有効コール", "label_en": "Valid call", "colour": "#15803d"}
PAYMENT_DATE = {
    "code": "payment_date",
    "label_ja": "支払日設定",
    "label_en": "Payment date",
    "colour": "#b45309",
}
APPOINTMENT = {
    "code": "appointment",
    "label_ja": "アポ",
    "label_en": "Appointment",
    "colour": "#7c3aed",
    "retry": "close",
}
REFUSED_STATUS = {
    "code": "refused",
    "label_ja": "拒否",
    "label_en": "Refused",
    "colour": "#b91c1c",
    "hotkey": "9",
    "bars": "product",
    "implies": ["contact"],
    "excludes": ["appointment", "payment_date"],
}
WRONG_NUMBER = {
    "code": "wrong_number",
    "label_ja": "番号違い",
    "label_en": "Wrong number",
    "colour": "#64748b",
    "hotkey": "8",
    "bars": "number",
}


class DemoRefused(Exception):
    """The demo may not be made here; the message says why."""


@dataclass(frozen=True)
class DemoList:
    """One list: its numbers come from a block of their own."""

    name: str
    block: int
    count: int


@dataclass(frozen=True)
class DemoCampaign:
    """One campaign with its team, buttons and lists; `settings` are columns."""

    name: str
    product: str
    team: str
    lists: tuple[DemoList, ...]
    statuses: tuple[Mapping[str, object], ...]
    settings: dict[str, object] = field(default_factory=dict)


CAMPAIGNS = (
    DemoCampaign(
        name="光回線のご案内",
        product="光回線",
        team=SALES_TEAM,
        lists=(DemoList("光回線 見込み客", 101, 120), DemoList("光回線 休眠客", 102, 80)),
        # The order of its script, which is the way of the funnel.
        statuses=(CONTACT, VALID, APPOINTMENT, PAYMENT_DATE, WRONG_NUMBER, REFUSED_STATUS),
        settings={
            "kind": "sales",
            "mode": "predictive",
            "ratio": 3.0,
            "after_wrap_up": "available",
            "survey_share": 100,
            "script": SALES_SCRIPT,
        },
    ),
    DemoCampaign(
        name="カードご利用代金の督促",
        product="クレジットカード",
        team=COLLECTIONS_TEAM,
        lists=(DemoList("カード延滞 1〜60日", 103, 150),),
        statuses=(CONTACT, VALID, PAYMENT_DATE, WRONG_NUMBER),
        settings={
            "kind": "collections",
            "mode": "progressive",
            "after_wrap_up": "away",
            "identity_needed": True,
            "identity_factor": "birth_date",
            "script": COLLECTIONS_SCRIPT,
        },
    ),
)
# Calls, contacts, valid calls and payment dates of one person in a day.
TARGETS = {SALES_TEAM: (80, 40, 20, 6), COLLECTIONS_TEAM: (60, 30, 20, 10)}
ACCOUNTS = (
    ("operator1", "佐々木 翔太", "operator", SALES_TEAM),
    ("operator2", "小林 美咲", "operator", SALES_TEAM),
    ("operator3", "中村 大輔", "operator", SALES_TEAM),
    ("operator4", "山口 恵", "operator", COLLECTIONS_TEAM),
    ("operator5", "藤田 直樹", "operator", COLLECTIONS_TEAM),
    ("lead1", "森 智子", "lead", None),
    ("manager1", "高橋 誠", "manager", None),
    ("admin1", "田中 健一", "admin", None),
)


def refuse_demo_rows(database: Database) -> None:
    """DemoRefused when there are demo customers: a real trunk must never be near them."""
    with database.read() as session:
        if demo_rows_exist(session):
            raise DemoRefused(
                "this database holds the demo's fictional customers and its known passwords, and"
                " SIP_TRUNK or SIP_TRUNKS is set; set DESK_DATA_DIR (or DESK_DATABASE_URL) to a"
                " fresh one, or unset the trunk"
            )


def demo_rows_exist(session: Session) -> bool:
    """Whether the database holds the demo: then no real trunk may be used with it."""
    return system.get(session, system.DEMO_SEED) is not None


def seed_demo(database: Database, sealer: Sealer, *, now: datetime, loopback: bool) -> bool:
    """Make the demo in one transaction; False when it was there. Raises DemoRefused."""
    if not loopback:
        raise DemoRefused("the demo's password is public: it is made on loopback only")
    with database.read() as session:
        if demo_rows_exist(session):
            return False
    hashed = PasswordHasher().hash(PASSWORD)  # once for all: who knows one knows every one
    with database.write() as session:
        teams = {name: accounts.add_team(session, name) for name in (SALES_TEAM, COLLECTIONS_TEAM)}
        rostered = []
        for username, name, role, team in ACCOUNTS:
            user_id = accounts.add_user(
                session,
                username=username,
                name=name,
                role=role,
                team_id=teams.get(team or ""),
                password_hash=hashed,
                at=now,
            )
            if role != "operator":
                # A domain nobody has (RFC 2606), should somebody name a real mail server.
                set_mail(session, user_id, f"{username}@agent-desk.example")
            if role in ("operator", "lead"):
                rostered.append(user_id)
            if role == "lead":
                for team_id in teams.values():
                    accounts.lead_team(session, user_id, team_id)
        add_rosters(session, rostered, by=SOURCE, at=now)
        add_targets(session, {teams[each]: TARGETS[each] for each in teams}, by=SOURCE, at=now)
        tariff_id = add_tariffs(session, by=SOURCE, at=now)
        for campaign in CAMPAIGNS:
            team_id = teams[campaign.team]
            campaign_id = _seed_campaign(session, sealer, campaign, team_id=team_id, now=now)
            tariffs.put_on(session, campaign_id, tariff_id)
        system.put(session, system.DEMO_SEED, VERSION)
    return True


def _seed_campaign(
    session: Session, sealer: Sealer, campaign: DemoCampaign, *, team_id: int, now: datetime
) -> int:
    product_id = campaigns.add_product(session, campaign.product)
    campaign_id = campaigns.add_campaign(
        session,
        at=now,
        name=campaign.name,
        product_id=product_id,
        running="running",
        **campaign.settings,
    )
    collections = campaign.settings["kind"] == "collections"
    for position, status in enumerate(campaign.statuses, start=1):
        campaigns.add_status(
            session,
            campaign_id,
            position=position,
            needs_identity=collections and status["code"] == "payment_date",
            **{"hotkey": str(position), **status},
        )
    campaigns.add_team(session, campaign_id, team_id)
    add_recordings(session, campaign_id, by=SOURCE, at=now)
    add_prompts(session, campaign_id, by=SOURCE, at=now)
    for each in campaign.lists:
        list_id = lists.list_id_of(session, each.name, product_id, source=SOURCE, at=now)
        campaigns.add_list(session, campaign_id, list_id)
        target = Target(0, list_id, product_id, SOURCE, now)
        writer = CustomerWriter(session, sealer, target)
        for person in people(each.block, each.count):
            record = _in_arrears(person, now) if collections else _prospect(person)
            keys = {sealer.number_key(person.number): (person.number, "mobile")}
            known = writer.write(record, normalise.name(person.name), None, keys)
            lists.add_entry(session, list_id, known.id, at=now)
            if collections:
                _seed_past(session, sealer, known.id, person, now=now)
    return campaign_id


def _record(person: Person, **values: object) -> Record:
    blank: dict[str, object] = dict.fromkeys(
        ("birth_date", "address_town", "member_last4", "product", "amount_yen", "due_on")
    )
    return Record(
        name=person.name,
        kana=person.kana,
        numbers=((person.number, "mobile"),),
        external_id=f"D{person.number[-7:]}",
        **(blank | values),  # type: ignore[arg-type]
    )


def _prospect(person: Person) -> Record:
    line = ("ADSL", "光回線（他社）", "ケーブル", "モバイルのみ")[person.place % 4]
    home = ("一戸建て", "集合住宅")[person.place % 2]
    return _record(person, fields=(("現在の回線", line), ("住居", home)))


def _in_arrears(person: Person, now: datetime) -> Record:
    overdue = 3 + person.place * 7 % 58
    return _record(
        person,
        birth_date=BORN,
        address_town=person.town,
        member_last4=person.number[-4:],
        amount_yen=8_000 + person.place * 1_730 % 92_000,
        due_on=(business_date(now) - timedelta(days=overdue)).isoformat(),
        fields=(("会員番号", f"****-{person.number[-4:]}"), ("支払方法", "口座振替")),
    )


def _seed_past(
    session: Session, sealer: Sealer, customer_id: int, person: Person, *, now: datetime
) -> None:
    """A third of the customers promised before, a fourth was written about."""
    today = business_date(now)
    talked_at = at(today - timedelta(days=30), TALKED_MINUTE)
    if person.place % 3 == 0:
        past.add_promise(
            session,
            customer_id,
            due_on=today - timedelta(days=12 + person.place % 9),
            amount_yen=5_000,
            state="broken" if person.place % 2 else "kept",
            made_at=talked_at,
        )
    if person.place % 4 == 0:
        text = ("給料日は25日とのこと。", "平日は18時以降が繋がりやすい。")[person.place // 4 % 2]
        past.add_note(session, sealer, customer_id, text=text, at=talked_at)
