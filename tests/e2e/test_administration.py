"""What administrators set up without a file: campaigns of every purpose, who gets in, the weekly
audit of recordings, and who takes the VIPs."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from agent_desk.models.calls import Recording
from agent_desk.services.campaigns.purposes import PURPOSES
from agent_desk.services.people import one_time_codes
from agent_desk.services.people.booths import ON_THE_WAY
from tests.agent_desk.listening_rows import add_talk
from tests.agent_desk.services.people.test_booths import FIVE, hire
from tests.agent_desk.small_desk import PASSWORD, SmallDesk
from tests.e2e.browser import Visit, until
from tests.e2e.small_product import open_page, served
from tests.e2e.test_comfort import serious
from tests.fakes.recordings import tone, write_recording

pytestmark = [pytest.mark.browser]

TALK = "last-week"
WEEKDAYS = [0, 1, 2, 3, 4, 5, 6]
USERS = (
    "ユーザー名,氏名,権限,チーム,担当チーム,状態\r\n"
    "hayashi,林 美咲,リーダー,second,second,\r\n"
    "operator3,三上 亮,オペレーター,second,,\r\n"
    "ueda,上田 亮,部長,first,,\r\n"
    "=cmd|x,悪い人,オペレーター,first,,\r\n"
)
CHOSEN = "kawasemi-tobu-2031"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SmallDesk, Any]]:
    """operator1 talked with somebody last week, and that was recorded."""
    with served(tmp_path_factory.mktemp("house"), kind="sales") as (desk, product):
        config = desk.config
        with desk.desk.database.write() as session:
            add_talk(session, TALK, desk.people.users["operator1"])
            ended = write_recording(
                config.recording_dir,
                config.recording_keys[0],
                TALK,
                sent=tone(440, 2),
                heard=tone(1000, 2),
            )
            session.execute(
                update(Recording)
                .where(Recording.call_id == TALK)
                .values(path=ended.path, sha256=ended.sha256, size_bytes=ended.size_bytes)
            )
        yield desk, product


@pytest.fixture
def sign_in(house: tuple[SmallDesk, Any], visit: Callable[..., Any]) -> Callable[[str, str], Visit]:
    """Somebody with one of the pages open."""

    def opened(username: str, path: str) -> Visit:
        return open_page(house[0], visit(house[1], Visit), username, path)

    return opened


@pytest.fixture
def stranger(house: tuple[SmallDesk, Any], visit: Callable[..., Any]) -> Callable[[], Visit]:
    """Somebody at the log-in page of another machine."""

    def came() -> Visit:
        someone: Visit = visit(house[1], Visit)
        someone.expect_problem("socket.io")  # which is not here
        someone.page.goto(f"{someone.url}/login")
        return someone

    return came


def go(someone: Visit, path: str) -> None:
    someone.page.goto(f"{someone.url}{path}")


def type_in(someone: Visit, username: str, password: str) -> None:
    """Send the log-in form."""
    someone.page.fill("input[name=username]", username)
    someone.page.fill("input[name=password]", password)
    someone.by("sign-in").click()


# --- campaigns ----------------------------------------------------------------------------------


def test_a_campaign_of_every_purpose_begins_with_what_is_advised(
    sign_in: Callable[[str, str], Visit],
) -> None:
    admin = sign_in("admin1", "/admin/campaigns")
    page = admin.page
    for purpose, advised in PURPOSES.items():
        go(admin, "/admin/campaigns")
        admin.by("campaign-new").click()
        admin.by("purpose", purpose=purpose).click()
        page.get_by_label("名称").fill(f"年末 {purpose}")
        page.get_by_label("商材").fill("年末の商材")
        page.get_by_label("first", exact=True).check()
        admin.by("campaign-found").click()
        page.wait_for_url("**/basics")
        assert 0 < admin.by("wizard-field").count() <= 12
        assert as_shown(admin) == {name: advised.settings[name] for name in as_shown(admin)}
        for step in ("dialing", "limits", "talk", "after_call", "review"):
            admin.by("campaign-save").click()
            page.wait_for_url(f"**/{step}")
        admin.by("campaign-publish").click()
        admin.by("version-row", version="1").wait_for()
    go(admin, "/admin/campaigns")
    for purpose in PURPOSES:
        assert "第1版" in admin.by("campaign-row").filter(has_text=f"年末 {purpose}").inner_text()


def as_shown(admin: Visit) -> dict[str, Any]:
    """What the first page of a campaign says of its settings."""
    days = admin.page.locator("input[name=weekdays]")
    return {
        "mode": admin.page.input_value("#mode"),
        "start_minute": minutes(admin.page.input_value("#start_minute")),
        "end_minute": minutes(admin.page.input_value("#end_minute")),
        "daily_cap": int(admin.page.input_value("#daily_cap")),
        "weekdays": [day for day in WEEKDAYS if days.nth(day).is_checked()],
        "closed_on_holidays": admin.page.is_checked("#closed_on_holidays"),
        "recording": admin.page.is_checked("#recording"),
    }


def minutes(clock: str) -> int:
    hours, _, rest = clock.partition(":")
    return 60 * int(hours) + int(rest)


def test_a_schedule_keeps_holidays_and_an_older_version_is_compared_and_restored(
    sign_in: Callable[[str, str], Visit],
) -> None:
    admin = sign_in("admin1", "/admin/campaigns")
    page = admin.page
    admin.by("campaign-row").filter(has_text="spring").get_by_test_id("campaign-edit").click()
    # 2027-01-11, the first Monday, is a holiday (成人の日).
    page.get_by_label("予定で自動開始").check()
    for day in WEEKDAYS:
        page.locator("input[name=weekdays]").nth(day).set_checked(day == 0)
    page.fill("#start_minute", "09:30")
    page.fill("#end_minute", "17:00")
    page.check("#closed_on_holidays")
    admin.by("campaign-save").click()
    page.wait_for_url("**/dialing")
    page.fill("#first_on", "2027-01-08")
    admin.by("campaign-save").click()
    page.wait_for_url("**/limits")
    review = page.url.replace("/limits", "/review")
    page.goto(review)
    assert "1/18" in next_start(admin)
    page.goto(review.replace("/review", "/basics"))
    page.uncheck("#closed_on_holidays")
    admin.by("campaign-save").click()
    page.wait_for_url("**/dialing")
    page.goto(review)
    assert "1/11" in next_start(admin)
    admin.by("campaign-publish").click()
    admin.by("version-row", version="2").wait_for()

    page.locator("input[name=older][value='1']").check()
    page.locator("input[name=newer][value='2']").check()
    admin.by("compare").click()
    compared = admin.by("compared")
    compared.wait_for()
    row = compared.locator("tr[data-field=start_minute]")
    assert row.locator("td").all_inner_texts()[1] == "09:30"
    assert serious(admin) == []
    before = row.locator("td").first.inner_text()
    admin.by("restore", version="1").click()
    restored = admin.by("version-row", version="3")
    restored.wait_for()
    assert "第1版の設定に戻した版" in restored.inner_text()
    page.goto(review.replace("/review", "/basics"))
    assert (before, page.input_value("#start_minute")) == ("—", "")


def next_start(admin: Visit) -> str:
    """When the review says that it begins by itself."""
    return str(admin.page.locator("#draft-title ~ .form-hint time").inner_text())


# --- people -------------------------------------------------------------------------------------


def test_users_come_by_a_file_that_is_looked_at_first(
    house: tuple[SmallDesk, Any],
    sign_in: Callable[[str, str], Visit],
    stranger: Callable[[], Visit],
) -> None:
    admin = sign_in("admin1", "/admin/users")
    page = admin.page
    file = {"name": "users.csv", "mimeType": "text/csv", "buffer": USERS.encode("cp932")}
    page.set_input_files("#user-file", file)
    admin.by("user-file-send").click()
    rows = admin.by("planned-row")
    rows.first.wait_for()
    assert rows.count() == 4
    assert "リーダー" in rows.nth(0).inner_text()
    assert "operator3 → 三上 亮" in rows.nth(1).inner_text()
    assert rows.locator(".field-error").count() == 2
    assert admin.by("user-row", user="hayashi").count() == 0, "nothing is done yet"
    assert serious(admin) == []
    admin.by("user-file-take").click()
    admin.by("row-answers").wait_for()
    assert admin.by("row-refused").count() == 2
    with page.expect_download() as download:
        admin.by("user-file-result").click()
    text = Path(download.value.path()).read_text("utf-8-sig")
    header, new, *_ = csv.reader(io.StringIO(text))
    password = new[-1]
    assert header[0] == "ユーザー名" and password

    admin.page.goto(f"{admin.url}/admin/access")
    lead = admin.by("role-form", role="lead")
    lead.get_by_role("checkbox").check()
    lead.get_by_role("button").click()
    page.wait_for_load_state()
    first_log_in(stranger(), "hayashi", password, now=house[0].clock.real_now)
    lead.get_by_role("checkbox").uncheck()
    lead.get_by_role("button").click()
    page.wait_for_load_state()


def first_log_in(
    someone: Visit, username: str, password: str, *, now: Callable[[], datetime]
) -> None:
    """The temporary password gives way to their own, and a second factor is set up."""
    page = someone.page
    type_in(someone, username, password)
    page.wait_for_url("**/account")
    assert "仮のパスワード" in someone.text("must")
    assert "12文字以上" in page.inner_text("#new-hint"), "told before it is typed"
    go(someone, "/floor")
    page.wait_for_url("**/account")
    assert change_password(someone, password, "short") is False, "the page itself says so"
    someone.expect_problem("400")
    assert change_password(someone, password, "password1234") is True
    assert "推測されやすく" in someone.by("refusal").inner_text()
    change_password(someone, password, CHOSEN)
    page.wait_for_url("**done=password")
    assert "二段階認証が必須" in someone.text("must")
    someone.by("factor-begin").click()
    secret = someone.text("totp-secret").replace("\n", "").replace(" ", "")
    step = one_time_codes.step_at(now())
    page.fill("#code", one_time_codes.code_at(secret, step))
    someone.by("factor-confirm").click()
    someone.by("recovery-codes").wait_for()
    assert serious(someone) == []
    someone.by("recovery-codes").get_by_role("link").click()
    page.wait_for_url("**/floor")
    go(someone, "/account")


def change_password(someone: Visit, old: str, new: str) -> bool:
    """Whether the page sent the form at all."""
    for name, value in (("old", old), ("new", new), ("again", new)):
        someone.page.fill(f"#{name}", value)
    fits = bool(someone.page.evaluate("document.querySelector('#new').form.checkValidity()"))
    someone.by("password-save").click()
    return fits


def test_b42_the_sixth_log_in_on_five_booths_is_told_why(
    house: tuple[SmallDesk, Any],
    sign_in: Callable[[str, str], Visit],
    stranger: Callable[[], Visit],
) -> None:
    desk = house[0]
    admin = sign_in("admin1", "/admin/access")
    admin.page.fill("#booths", "5")
    admin.by("house-save").click()
    hire(desk, *FIVE)
    seats = [desk.page(username) for username in FIVE]
    desk.settle()
    desk.clock.advance(ON_THE_WAY.total_seconds() + 1)
    go(admin, "/admin/access")
    assert "5席" in admin.page.inner_text("#booths-hint")
    late = stranger()
    late.expect_problem("403")
    type_in(late, "operator1", PASSWORD)
    late.by("login-error").wait_for()
    assert "契約の5席がすべて使用中" in late.text("login-error")
    assert serious(late) == []
    desk.desk.sign_out(seats[0].who)
    type_in(late, "operator1", PASSWORD)
    late.page.wait_for_url("**/desk")
    admin.page.fill("#booths", "")
    admin.by("house-save").click()
    for seat in seats[1:]:
        desk.desk.sign_out(seat.who)


def test_who_may_come_from_where_and_a_log_in_ended_from_afar(
    sign_in: Callable[[str, str], Visit], stranger: Callable[[], Visit]
) -> None:
    admin, lead = sign_in("admin1", "/admin/access"), sign_in("lead1", "/admin/shifts")
    page = admin.page
    own = admin.by("role-form", role="admin")
    for status in ("400", "409"):
        admin.expect_problem(status)
    own.get_by_role("textbox").fill("192.0.2.0/24")
    own.get_by_role("button").click()
    assert "ご自分がログインできなくなります" in admin.by("refusal").inner_text()
    own.get_by_role("textbox").fill("どこか")
    own.get_by_role("button").click()
    assert "「どこか」" in admin.by("refusal").inner_text()

    go(admin, "/admin/sessions")
    admin.by("session-row", user="lead1").first.get_by_test_id("revoke").click()
    page.wait_for_load_state()
    go(lead, "/admin/targets")
    lead.page.wait_for_url("**/login**")
    assert "ログインが終了しました" in lead.text("login-over")
    type_in(lead, "lead1", PASSWORD)
    lead.page.wait_for_url("**/admin/targets")

    go(admin, "/admin/access")
    leads = admin.by("role-form", role="lead")
    leads.get_by_role("textbox").fill("192.0.2.0/24")
    leads.get_by_role("button").click()
    page.wait_for_load_state()
    elsewhere = stranger()
    elsewhere.expect_problem("403")
    type_in(elsewhere, "lead1", PASSWORD)
    elsewhere.by("login-error").wait_for()
    assert "この場所からはログインできません" in elsewhere.text("login-error")
    leads.get_by_role("textbox").fill("")
    leads.get_by_role("button").click()
    page.wait_for_load_state()


def test_a_roster_comes_by_a_file_and_its_wrong_row_is_told(
    sign_in: Callable[[str, str], Visit],
) -> None:
    lead = sign_in("lead1", "/admin/shifts")
    page = lead.page
    with page.expect_download() as download:
        page.get_by_role("link", name="見本").click()
    sample = Path(download.value.path()).read_text("utf-8-sig")
    wrong = sample.splitlines()[1].replace("operator1", "nobody")
    file = {"name": "shifts.csv", "mimeType": "text/csv"}
    page.set_input_files("#shift-file", {**file, "buffer": f"{sample}{wrong}\r\n".encode()})
    lead.by("shift-file-send").click()
    lead.by("row-answers").wait_for()
    assert lead.by("row-refused").count() == 1
    assert "9:00–18:00" in lead.by("roster-row", user="operator1").inner_text()


# --- listening ----------------------------------------------------------------------------------


def test_a48_a_week_is_drawn_a_call_heard_by_two_and_its_figure_seen(
    sign_in: Callable[[str, str], Visit],
) -> None:
    lead = sign_in("lead1", "/admin/listening-audits")
    page = lead.page
    assert len(lead.text("listening-seed")) == 64
    row = lead.by("listening-row")
    assert row.get_attribute("data-kind") == "open"
    row.get_by_test_id("listening-open").click()
    score(lead, "名乗りが明瞭です。")
    lead.expect_problem("409")
    lead.by("refusal").wait_for()
    assert "まず録音を再生" in lead.text("refusal")
    assert page.input_value("#listening-remark") == "名乗りが明瞭です。"
    listen(lead)
    lead.by("listening-save").click()
    lead.by("wait-second").wait_for()
    assert "100.0" in lead.text("sheet-score")
    assert serious(lead) == []
    go(lead, "/admin/listening-audits/results")
    lead.by("results-empty").wait_for()

    manager = sign_in("manager1", "/admin/listening-audits")
    manager.by("listening-row", kind="second").get_by_test_id("listening-open").click()
    assert "名乗りが明瞭" not in manager.page.inner_text("main"), "blind"
    listen(manager)
    score(manager, "復唱があるとさらに確実です。", partly=1)
    manager.by("sheet-score").nth(1).wait_for()
    assert manager.page.locator("[data-differs]").count() == 1
    go(manager, "/admin/listening-audits/results")
    assert "97.5" in manager.by("mean-operators").first.inner_text()
    assert manager.by("agreement").first.get_attribute("data-pairs") == "1"
    assert serious(manager) == []


def score(someone: Visit, remark: str, *, partly: int = 0) -> None:
    """Fill in the sheet: everything well done, but for so many criteria of the first."""
    for place, criterion in enumerate(someone.by("listening-sheet").locator("fieldset").all()):
        criterion.get_by_role("radio").nth(1 if place < partly else 0).check()
    someone.page.fill("#listening-remark", remark)
    someone.by("listening-save").click()


def listen(someone: Visit) -> None:
    someone.page.wait_for_load_state()  # a link led here: the player's script may still be coming
    someone.by("play-recording").click()
    first = someone.page.locator("[data-part=listen-first]")
    until(lambda: first.count() == 0, what="it was played")


def test_a33_the_operators_who_take_vips_are_named(sign_in: Callable[[str, str], Visit]) -> None:
    lead = sign_in("lead1", "/admin/vips")
    campaign = lead.by("vip-campaign", campaign="1")
    assert campaign.get_by_test_id("vip-nobody").is_visible()
    campaign.get_by_test_id("vip-operator1").check()
    campaign.get_by_test_id("vip-save").click()
    campaign.get_by_test_id("vip-saved").wait_for()
    assert campaign.get_by_test_id("vip-operator1").is_checked()
    assert campaign.get_by_test_id("vip-nobody").count() == 0
