"""Tariffs: a past call keeps its price, whatever is changed afterwards."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from agent_desk.dialer.charges import Rate, Terms, Version
from agent_desk.models.audit import AuditRow
from agent_desk.models.calls import Attempt
from agent_desk.models.tariffs import TariffVersion
from agent_desk.services.campaigns.tariffs import TariffService
from agent_desk.services.errors import ServiceError
from agent_desk.services.reports.bills import BillService, HeadsWanted
from agent_desk.store.invariants import questions as invariants
from tests.agent_desk.dialer.test_charges import LISNAVI, OSORA
from tests.agent_desk.small_desk import Shift, SmallDesk

YESTERDAY = date(2026, 11, 23)


@pytest.fixture
def tariffs(small_desk: SmallDesk) -> TariffService:
    desk = small_desk.desk
    return TariffService(database=desk.database, commits=desk.commits, clock=desk.clock)


@pytest.fixture
def bills(small_desk: SmallDesk) -> BillService:
    desk = small_desk.desk
    return BillService(database=desk.database, clock=desk.clock)


def refusal(asked: object) -> str:
    with pytest.raises(ServiceError) as refused:
        asked()  # type: ignore[operator]
    return refused.value.error_id


def violations(desk: SmallDesk) -> list[str]:
    with desk.desk.database.read() as session:
        return [each.text for each in invariants.check(session) if each.invariant == "I16"]


def test_a_call_carries_the_tariff_it_was_leased_under(
    shift: Shift, small_desk: SmallDesk, tariffs: TariffService
) -> None:
    campaign_id = small_desk.people.centre.campaign_id
    first = tariffs.create("OSORA", Version(YESTERDAY, OSORA), actor="admin1")
    second = tariffs.create("lisnavi", Version(YESTERDAY, LISNAVI), actor="admin1")
    tariffs.put_on(campaign_id, first, actor="admin1")
    shift.talk()
    tariffs.put_on(campaign_id, second, actor="admin1")
    with small_desk.desk.database.read() as session:
        assert session.scalars(select(Attempt.tariff_id)).all() == [first]
        noted = session.scalars(
            select(AuditRow.details).where(AuditRow.action == "campaign.tariff")
        )
        assert [row["tariff"] for row in noted] == [first, second]
    assert violations(small_desk) == []


def test_the_bill_has_the_months_calls_and_heads(
    shift: Shift, small_desk: SmallDesk, tariffs: TariffService, bills: BillService
) -> None:
    tariff_id = tariffs.create("OSORA", Version(YESTERDAY, OSORA), actor="admin1")
    other = tariffs.create("lisnavi", Version(YESTERDAY, LISNAVI), actor="admin1")
    tariffs.put_on(small_desk.people.centre.campaign_id, tariff_id, actor="admin1")
    call = shift.talk()
    small_desk.tick(50)
    shift.end(call)
    found = bills.month(tariff_id)
    assert found.bill is not None
    assert found.bill.lines["mobile"].calls == 1
    assert found.bill.lines["mobile"].sen == 1_600
    assert found.heads.booth == 1
    assert found.heads.id == 3
    assert [(each.calls, each.sen) for each in found.campaigns] == [(1, 1_600)]
    assert {each.tariff.id for each in found.compared} == {tariff_id, other}
    tried = bills.month(tariff_id, wanted=HeadsWanted(terminal=12)).bill
    assert tried is not None
    assert tried.total_yen == 22_000 + 16
    assert refusal(lambda: bills.month(99)) == "tariff-unknown"


def test_a_version_begins_tomorrow_at_the_earliest(tariffs: TariffService) -> None:
    tariff_id = tariffs.create("OSORA", Version(YESTERDAY, OSORA), actor="admin1")
    today = tariffs.today()
    tomorrow = Version(today + timedelta(days=1), LISNAVI)
    for day in (YESTERDAY, today):
        begun = Version(day, LISNAVI)
        assert refusal(lambda v=begun: tariffs.add_version(tariff_id, v, actor="a")) == (
            "tariff-too-soon"
        )
    tariffs.add_version(tariff_id, tomorrow, actor="admin1")
    assert tariffs.one(tariff_id).versions == (Version(YESTERDAY, OSORA), tomorrow)
    again = lambda: tariffs.add_version(tariff_id, tomorrow, actor="admin1")  # noqa: E731
    assert refusal(again) == "tariff-too-soon"


def test_what_cannot_be_priced_is_refused(tariffs: TariffService) -> None:
    tariffs.create("OSORA", Version(YESTERDAY, OSORA), actor="admin1")
    unusable = {
        "kind": Terms("by_moon", Rate(1, 1), Rate(1, 1)),
        "price": Terms("metered", Rate(1, 0), Rate(1, 1)),
        "fees": Terms("metered", Rate(1, 1), Rate(1, 1), basic_yen=-1),
        "billed_by": Terms("metered", Rate(1, 1), Rate(1, 1), billed_by="desk"),
        "included": Terms("allowance", Rate(1, 1), Rate(1, 1), included_s=-1),
    }
    for reason, terms in unusable.items():
        with pytest.raises(ServiceError) as refused:
            tariffs.create(reason, Version(YESTERDAY, terms), actor="admin1")
        assert refused.value.details["reason"] == reason
    assert refusal(lambda: tariffs.create("OSORA", Version(YESTERDAY, OSORA), actor="a")) == (
        "tariff-exists"
    )


def test_a_tariff_in_use_is_not_retired_and_a_retired_one_not_chosen(
    small_desk: SmallDesk, tariffs: TariffService
) -> None:
    campaign_id = small_desk.people.centre.campaign_id
    tariff_id = tariffs.create("OSORA", Version(YESTERDAY, OSORA), actor="admin1")
    tariffs.put_on(campaign_id, tariff_id, actor="admin1")
    assert refusal(lambda: tariffs.retire(tariff_id, actor="admin1")) == "tariff-in-use"
    tariffs.put_on(campaign_id, None, actor="admin1")
    tariffs.retire(tariff_id, actor="admin1")
    assert refusal(lambda: tariffs.put_on(campaign_id, tariff_id, actor="a")) == "tariff-unknown"


def test_i16_a_version_changed_in_the_database_is_found(
    small_desk: SmallDesk, tariffs: TariffService
) -> None:
    tariffs.create("OSORA", Version(YESTERDAY, OSORA), actor="admin1")
    assert violations(small_desk) == []
    with small_desk.desk.database.write() as session:
        session.execute(update(TariffVersion).values(fixed_sen=1))
    assert violations(small_desk) == ["a tariff is not what it was when it was made"]


def test_i16_a_version_slipped_in_behind_calls_is_found(
    shift: Shift, small_desk: SmallDesk, tariffs: TariffService
) -> None:
    tariff_id = tariffs.create("OSORA", Version(YESTERDAY, OSORA), actor="admin1")
    tariffs.put_on(small_desk.people.centre.campaign_id, tariff_id, actor="admin1")
    shift.talk()
    small_desk.tick(1)
    with small_desk.desk.database.write() as session:
        session.execute(update(TariffVersion).values(made_at=small_desk.clock.now()))
    assert violations(small_desk) == ["a tariff began when calls had been made under it"]
