"""A product somebody has worked with: imports in every state, promises, payments, rosters, tokens.

All of it goes in by the pages' own forms and the command line, as people would enter it.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import click
from playwright.sync_api import Page

from tests.product import COLLECTIONS, SALES, Product
from tests.waiting import until

PASSWORD = "kawasemi-tobu-2031"
FURTHER = (
    ("auditor1", "井上 由美", "auditor"),
    ("compliance1", "松本 隆", "compliance"),
)
HEADER = "氏名,フリガナ,電話番号,顧客番号,生年月日,金額,支払期日,勤務先\n"
ROWS = (
    "青木 春香,アオキ ハルカ,09003101101,AOB-001,1979-04-02,24800,2026-10-31,青葉商事株式会社\n"
    "石田 誠,イシダ マコト,09003101102,AOB-002,1985-11-20,132000,2026-09-30,\n"
    "上野 京子,ウエノ キョウコ,0900310110,AOB-003,1990-01-15,9800,2026-10-31,北山製作所\n"
    "石田 誠,イシダ マコト,09003101102,AOB-002,1985-11-20,132000,2026-09-30,\n"
    "遠藤 健,エンドウ ケン,09003101104,AOB-004,1972-07-07,=1+2,2026-10-31,\n"
)
# Without those that arranged the calls.
FILED = "SELECT id FROM import_batches WHERE file_name <> 'list.csv' ORDER BY id"
SALES_ID, COLLECTIONS_ID = 1, 2

STRATEGY = {
    **{"base": 0, "on_time-0": 3, "fewer-0": 1, "on_time-1": 6, "fewer-1": 2},
    **{"weekly_calls-d1_30": 2, "weekly_calls-d31_90": 3, "weekly_calls-d91": 6},
    **{"ai_percent-d1_30": 95, "ai_percent-d31_90": 70, "ai_percent-d91": 60},
}


class Clerk:
    """Somebody signed in who sends forms."""

    def __init__(self, page: Page, url: str, username: str, password: str = "demo") -> None:
        self.page, self.url, self.username = page, url, username
        page.goto(f"{url}/login")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.keyboard.press("Enter")
        page.wait_for_load_state()

    def send(self, path: str, **fields: Any) -> None:
        """A form of the page, with its token; several values of one name as a list."""
        files = {name: value for name, value in fields.items() if isinstance(value, dict)}
        form = {**self._token(), **fields}
        where = f"{self.url}{path}"
        if files:
            answer = self.page.request.post(where, multipart=form)
        else:
            pairs = [(name, one) for name, value in form.items() for one in _several(value)]
            data = "&".join(f"{_quoted(name)}={_quoted(str(one))}" for name, one in pairs)
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = self.page.request.post(where, data=data, headers=kind)
        if not answer.ok:
            said = re.findall(r'role="alert"[^>]*>([^<]+)', answer.text())
            click.echo(f"{path}: {answer.status} {said}", err=True)

    def speak(self, locale: str) -> None:
        """Have the pages in this language."""
        self.send("/language", locale=locale, next="/account")

    def _token(self) -> dict[str, str]:
        meta = self.page.locator('meta[name="csrf-token"]')
        return {"csrf_token": str(meta.get_attribute("content"))}


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _quoted(text: str) -> str:
    return quote_plus(text)


def people(product: Product) -> None:
    """The roles the demo has nobody for; before the desk is started."""
    for username, name, role in FURTHER:
        who = (username, "--name", name, "--role", role, "--password", PASSWORD)
        product.run("create-user", *who)


def fill(admin: Clerk, product: Product) -> None:
    """Everything an administrator enters."""
    today = product.now().date()
    _imports(admin, product)
    _lists(admin)
    _blocks(admin)
    admin.send(
        f"/admin/statuses/{SALES_ID}",
        is_new="1",
        label_ja="資料送付",
        label_en="Documents sent",
        hotkey="7",
        colour="#0f766e",
        code="documents",
    )
    for name, access in (("勤務先", "locked"), ("備考", "editable")):
        admin.send(f"/admin/record-fields/{COLLECTIONS_ID}", name=name, access=access, do="put")
    targets = {"calls": "60", "contacts": "20", "valid_calls": "12", "payment_dates": "4"}
    admin.send("/admin/targets", whose="team:1", valid_from=today.isoformat(), **targets)
    week = {
        f"{day}-{part}": value
        for day in ("mon", "tue", "wed", "thu", "fri")
        for part, value in _HOURS
    }
    admin.send("/admin/shifts/1", valid_from=today.isoformat(), **week)
    yesterday = (today - timedelta(days=1)).isoformat()
    admin.send(
        "/admin/shifts/1/corrections",
        day=yesterday,
        kind="paid",
        minutes="30",
        reason="研修に出席したため",
    )
    admin.send("/admin/tokens", name="基幹システム", days="90", scopes=["payments:write"])
    admin.send("/admin/tokens", name="入金照合", days="30", scopes=["lists:read", "calls:read"])
    payments = f"顧客番号,入金額,入金日,入金番号,取消\nNOBODY-1,12000,{yesterday},N-1,\n"
    admin.send("/admin/payments", file=_file("payments.csv", payments), source="銀行振込")
    admin.send("/admin/teams", name="アンケートチーム")
    admin.send(f"/admin/valid-calls/{SALES_ID}", statuses=["contact", "valid"], talk_s="60")
    _campaigns(admin)
    admin.send(f"/admin/training/{COLLECTIONS_ID}")
    admin.send("/admin/strategy", **STRATEGY)


_WEEK = ("mon", "tue", "wed", "thu", "fri")
_HOURS = (("start", "09:00"), ("end", "18:00"), ("break", "60"))


def _imports(admin: Clerk, product: Product) -> None:
    """One of each state: columns asked, provenance asked, done with errors, failed, undone."""
    for name, text in (
        ("青葉カード_11月延滞.csv", HEADER + ROWS),
        ("カード延滞_未確認.csv", HEADER + ROWS.replace("0900310", "0900311")),
        ("カード延滞_取込済.csv", HEADER + ROWS.replace("0900310", "0900312")),
        ("カード延滞_取消.csv", HEADER + ROWS.replace("0900310", "0900313").replace("AOB", "AOC")),
        ("会議メモ.csv", "メモだけの行\n"),
    ):
        admin.send(
            "/admin/imports",
            file=_file(name, text),
            list=name.split(".")[0].replace("_", " "),
            campaign=str(COLLECTIONS_ID),
        )
    batches = [row[0] for row in product.query(FILED)]
    for batch in batches[1:4]:
        _settled(product, batch, "mapping")
        _step(admin, batch, "import-columns")
        _settled(product, batch, "confirming")
    for batch in batches[2:4]:
        admin.send(
            f"/admin/imports/{batch}/start",
            source="青葉カード株式会社",
            obtained_on=product.now().date().isoformat(),
            basis="委託契約書 2026-04",
            scope="product",
        )
        _settled(product, batch, "finished")
    admin.send(f"/admin/imports/{batches[3]}/undo")


def _step(admin: Clerk, batch: int, button: str) -> None:
    """Press a button of an import's page, with what the page proposes."""
    admin.page.goto(f"{admin.url}/admin/imports/{batch}")
    admin.page.get_by_test_id(button).click()
    admin.page.wait_for_load_state()


def _settled(product: Product, batch: int, state: str) -> None:
    def there() -> bool:
        [(now,)] = product.query("SELECT state FROM import_batches WHERE id = ?", batch)
        return bool(now == state) or now == "failed"

    until(there, within_s=30, what=f"import {batch} is {state}")


def _lists(admin: Clerk) -> None:
    definition = {"all": [{"field": "debt_yen", "op": "at_least", "value": 1}]}
    admin.send("/admin/filters", name="債務のある顧客", definition=json.dumps(definition))
    admin.send("/admin/lists/2/pause")


def _blocks(admin: Clerk) -> None:
    for number, reason in (
        ("090-0101-0101", "本人からの申し出"),
        ("03-1234-5678", "弁護士からの受任通知"),
    ):
        admin.send("/admin/do-not-call", number=number, reason=reason, basis="request")


def _campaigns(admin: Clerk) -> None:
    """One more that is a draft, with a fault of its own, and a version of one that runs."""
    form = {"name": "冬の光回線のご案内", "product": "光回線", "teams": ["1"], "purpose": "sales"}
    admin.send("/admin/campaigns/new", **form)


def _file(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def prepared(folder: Path) -> Product:
    """A product that is not started yet, with everybody there can be."""
    product = Product(folder)
    product.prepare()
    people(product)
    for campaign in (SALES, COLLECTIONS):
        product.set_campaign(campaign, screening="off", bridge_within_s=8.0)
    product.set_campaign(SALES, mode="preview")
    return product
