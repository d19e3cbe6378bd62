"""F37: whatever people typed or imported, no cell of any file runs as a formula.

Every file the product hands out is asked for here with hostile text wherever text can be; a house
test (`tests/house/test_exports.py`) sees to it that a new one comes in here too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from agent_desk.dialer.business_time import business_date
from agent_desk.models.calls import Call
from agent_desk.models.campaigns import Campaign, Product, Status
from agent_desk.models.customers import Customer
from agent_desk.models.orders import Order
from agent_desk.models.results import Promise
from agent_desk.models.users import User
from agent_desk.services.lists.spreadsheets import inert, read_back
from agent_desk.store import audit
from agent_desk.store.lists.import_rows import Row
from agent_desk.store.lists.prepared import prepare
from tests.agent_desk.listening_rows import MONDAY, add_sheet
from tests.agent_desk.routes.admin.test_people_files import KEPT, RESULT
from tests.agent_desk.routes.browser import Browser, signed_in
from tests.agent_desk.routes.test_calls import talked
from tests.agent_desk.routes.test_internal import post, queued
from tests.agent_desk.small_desk import Shift
from tests.agent_desk.store.desk_rows import SEALER

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BODY = 'cmd|" /C calc"!A0'


def hostile(start: str) -> str:
    return start + BODY


def refused_rows(shift: Shift, start: str) -> int:
    """A batch whose file had hostile cells, in rows that were not taken."""
    batch = queued(shift.desk)
    route = f"/internal/imports/{batch}"
    header = [hostile(start), "tel"]
    heading = {"encoding": "utf-8-sig", "header": header, "mapping": ["name", "number"]}
    assert post(shift.desk, f"{route}/header", heading).status_code == 200
    row = prepare(SEALER, Row(2, (hostile(start), "x"), None, "name-missing"), str)
    assert post(shift.desk, f"{route}/rows", {"rows": [row.to_wire()]}).status_code == 200
    assert post(shift.desk, f"{route}/finish", {"rows_total": 1}).status_code == 200
    return batch


def poison(shift: Shift, start: str, call_id: str) -> None:
    """Hostile text in every name, label and reason."""
    desk = shift.desk.desk
    with desk.database.write() as session:
        session.execute(update(User).values(name=hostile(start)))
        session.execute(update(Status).values(label_ja=hostile(start), label_en=hostile(start)))
        for table in (Campaign, Product):
            statement = update(table).where(table.id == 1)
            session.execute(statement.values(name=hostile(start)))
        customer_id = session.scalars(select(Call.customer_id)).first()
        statement = update(Customer).where(Customer.id == customer_id)
        session.execute(statement.values(external_id=hostile(start)))
        session.execute(
            insert(Promise).values(
                call_id=call_id,
                customer_id=customer_id,
                due_on=business_date(shift.desk.clock.now()),
                made_at=shift.desk.clock.now(),
            )
        )
        session.add(
            Order(
                call_id=call_id,
                customer_id=customer_id,
                campaign_id=shift.desk.campaign_id,
                product_id=1,
                ordered_on=business_date(shift.desk.clock.now()),
                cooling_off_days=8,
                document_id=hostile(start),
                by="lead1",
                at=shift.desk.clock.now(),
            )
        )
        add_sheet(session, call_id, shift.desk.people.users["lead2"], hostile(start))
        audit.append(
            session,
            at=shift.desk.clock.now(),
            actor=hostile(start)[:60],
            action=hostile(start)[:60],
            subject=hostile(start),
            details={hostile(start): hostile(start)},
        )
    desk.book.reload()
    desk.do_not_call.block_number("09012345678", reason=hostile(start), actor="admin1")


def users_answered(browser: Browser, start: str, batch: int) -> TestResponse:
    rows = [["username", "name", "role", "team", "leads"], [hostile(start), "x", "boss", "", ""]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    file = (io.BytesIO(text.getvalue().encode()), "users.csv")
    page = browser.post(
        "/admin/users/file", {"file": file}, content_type="multipart/form-data"
    ).get_data(as_text=True)
    kept = KEPT.search(page)
    assert kept is not None
    done = browser.post("/admin/users/file/take", {"kept": kept[1]}).get_data(as_text=True)
    link = RESULT.search(done)
    assert link is not None
    return browser.get(link[1])


def payments_refused(browser: Browser, start: str, batch: int) -> TestResponse:
    text = io.StringIO()
    rows = [["customer", "amount", "date", "payment_id"], [hostile(start), "1", "2026-11-24", "P"]]
    csv.writer(text).writerows(rows)
    file = (io.BytesIO(text.getvalue().encode()), "payments.csv")
    entered = browser.post("/admin/payments", {"file": file, "source": "bank"})
    return browser.get(entered.location.replace("payments?", "payments/refused.csv?"))


Fetch = Callable[[Browser, str, int], TestResponse]
FILES: dict[str, Fetch] = {
    "/reports/operators.csv": lambda browser, *_: browser.get("/reports/operators.csv"),
    "/reports/calls.csv": lambda browser, *_: browser.get("/reports/calls.csv"),
    "/admin/audit.csv": lambda browser, *_: browser.get("/admin/audit.csv"),
    "/admin/users/sample.csv": lambda browser, *_: browser.get("/admin/users/sample.csv"),
    "/admin/shifts/sample.csv": lambda browser, *_: browser.get("/admin/shifts/sample.csv"),
    "/admin/users/file/<name>": users_answered,
    "/admin/do-not-call/export": lambda browser, *_: browser.post("/admin/do-not-call/export"),
    "/admin/payments/refused.csv": payments_refused,
    "/admin/promises.csv": lambda browser, *_: browser.get("/admin/promises.csv"),
    "/admin/orders.csv": lambda browser, *_: browser.get("/admin/orders.csv"),
    "/admin/listening-audits.csv": lambda browser, *_: browser.get(
        f"/admin/listening-audits.csv?week={MONDAY}"
    ),
    "/admin/imports/<int:batch_id>/errors.csv": lambda browser, _, batch: browser.get(
        f"/admin/imports/{batch}/errors.csv"
    ),
}
# In these nobody has typed anything.
OURS = ("/admin/users/sample.csv", "/admin/shifts/sample.csv")


def running_cells(text: str) -> list[str]:
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    return [cell for row in rows for cell in row if cell.startswith(STARTS)]


@pytest.mark.parametrize("start", ["=", "@", "\t", "＝"])
def test_f37_no_cell_of_any_file_runs_as_a_formula(shift: Shift, start: str) -> None:
    call_id = talked(shift)
    batch = refused_rows(shift, start)
    poison(shift, start, call_id)
    browser = signed_in(shift.desk, "admin1")
    for path, fetch in FILES.items():
        answer = fetch(browser, start, batch)
        text = answer.get_data(as_text=True)
        assert (answer.status_code, answer.mimetype) == (200, "text/csv"), path
        assert running_cells(text) == [], path
        assert path in OURS or "calc" in text, f"{path}: nothing hostile got there"


@pytest.mark.parametrize("start", STARTS)
def test_f37_a_cell_is_made_inert_and_can_be_read_back(start: str) -> None:
    cell = hostile(start)
    assert inert(cell) == f"'{cell}"
    assert read_back(inert(cell)) == cell
    assert inert("山田 太郎") == "山田 太郎"
