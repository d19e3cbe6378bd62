"""Every form of /admin tells what is wrong beside the field it is wrong in, and keeps the rest.

The forms are those of the pages that the registry of routes has: one that is made tomorrow is held
to it too. What a browser would not let through is sent all the same, field by field.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent_desk.routes.limits import limiter
from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.routes.browser import HTML, Browser, signed_in
from tests.agent_desk.routes.page_forms import Control, PageForm, PageForms
from tests.agent_desk.small_desk import SmallDesk

ANY = re.compile(r"<any\(([^)]*)\):\w+>")
ID = re.compile(r"<(?:[^:<>]+:)?\w+>")
FILLED = ("text", "number", "date", "time", "month", "email", "tel", "textarea", "select", "file")
KEPT = ("text", "number", "date", "time", "month", "textarea", "select")
# What would be right in a field of this name, where its type does not tell.
USABLE = {
    "username": "someone",
    "number": "090-1234-5678",
    "from_on": "2030-01-01",
    "confirm": "x",
}
# Made first, so that there are pages of them.
FILTER = {"name": "everybody", "definition": '{"all": []}'}
TARIFF = {
    **{"name": "metered", "kind": "metered", "from_on": "2030-01-01", "billed_by": "booth"},
    **{"basic_yen": "0", "seat_yen": "0", "fixed_yen": "8", "fixed_unit_s": "180"},
    **{"mobile_yen": "16", "mobile_unit_s": "60", "included_s": "0"},
}
# Pages with something chosen, which the registry does not know of.
CHOSEN = ("/admin/campaigns/new?purpose=sales", "/admin/statuses?campaign=1&edit=contact")


@pytest.fixture(scope="module")
def admin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    folder = tmp_path_factory.mktemp("forms")
    url = f"sqlite:///{folder / 'desk.db'}"
    database = Database(url)
    schema.upgrade(database)
    database.close()
    small = SmallDesk(url, Path(folder))
    browser = signed_in(small, "admin1")
    yield browser
    small.stop()


def pages(admin: Browser) -> Iterator[str]:
    """Addresses of /admin that may have forms: the registry's, with each word that may stand."""
    for rule in admin.desk.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.rule.startswith("/admin/"):
            words = ANY.search(rule.rule)
            for word in words[1].split(",") if words else ("",):
                yield ID.sub("1", ANY.sub(word.strip(), rule.rule))
    yield from CHOSEN


def forms(admin: Browser) -> dict[str, tuple[str, PageForm]]:
    """Each kind of form once, by where it goes, with the page it is on."""
    for path, data in (("/admin/tariffs", TARIFF), ("/admin/filters", FILTER)):
        assert admin.post(path, data).status_code == 303
    found: dict[str, tuple[str, PageForm]] = {}
    for page in pages(admin):
        limiter.reset()
        answer = admin.get(page)
        if answer.status_code == 200 and answer.content_type.startswith("text/html"):
            for form in PageForms(answer.get_data(as_text=True)).posted():
                kind = re.sub(r"\d+", "1", form.action.partition("#")[0])
                if any(each.type in FILLED for each in form.controls):
                    found.setdefault(kind, (page, form))
    return found


def wrong(control: Control) -> str | None:
    """What a browser would not send from this field; None: whatever there is may be sent."""
    if control.type in ("number", "date", "time", "month") or "pattern" in control.attributes:
        return "?"
    return "" if "required" in control.attributes and control.type in FILLED else None


def usable(control: Control) -> Any:
    """What a person might have filled in."""
    if control.type == "file":
        return (io.BytesIO(b"a,b\n1,2\n"), "some.csv")
    if not control.value and "pattern" in control.attributes:
        return control.attributes.get("placeholder", "")
    if control.type == "number" and control.value.isdecimal():
        return _another(control)
    if control.value:
        return control.value
    if "required" not in control.attributes:
        return "試し" if control.type in ("text", "textarea") else ""
    if control.type in ("number", "date"):
        return control.attributes.get("min", "2026-11-24" if control.type == "date" else "1")
    if control.type == "select":
        return next(each for each in control.choices if each)
    return USABLE.get(control.name, "試し")


def _another(control: Control) -> str:
    """A number that may be typed instead of the one that is there."""
    number, most = int(control.value), int(control.attributes.get("max", "99999"))
    return str(number + 1 if number < most else number - 1)


def sent(form: PageForm, control: Control, value: str) -> dict[str, list[Any]]:
    """The form as somebody filled it in but for one field."""
    told: dict[str, list[Any]] = {}
    for each in form.controls:
        if each is control and each.type != "file":
            told.setdefault(each.name, []).append(value)
        elif each.type in FILLED and each is not control:
            told.setdefault(each.name, []).append(usable(each))
        elif each.sent and each is not control:
            told.setdefault(each.name, []).append(each.value)
    return told


def faults(admin: Browser, form: PageForm, control: Control, value: str) -> Iterator[str]:
    """What is wrong with the answer to one wrong field."""
    limiter.reset()
    told = sent(form, control, value)
    answer = admin.client.post(
        form.action, data=told, headers=HTML, content_type=form.encoding or None
    )
    if not 400 <= answer.status_code < 500:
        yield f"answered {answer.status_code}"
        return
    page = PageForms(answer.get_data(as_text=True))
    action = form.action.partition("#")[0]
    [again] = [each for each in page.posted() if each.action.partition("#")[0] == action] or [None]
    if again is None:
        yield "the form is gone"
        return
    marked = [each for each in again.named(control.name) if each.invalid]
    if not marked:
        yield f"not marked, but {[each.name for each in again.controls if each.invalid]}"
    elif not all(page.described(each) for each in marked):
        yield "not described"
    for name in {each.name for each in again.controls if each.type in KEPT} - {control.name}:
        typed = [each.strip() for each in told[name] if each]
        shown = [each.value.strip() for each in again.named(name) if each.value]
        if typed and typed != shown:
            yield f"{name} is {shown} after {typed}"


def test_what_is_wrong_is_told_beside_the_field_on_every_form_and_what_was_typed_is_kept(
    admin: Browser,
) -> None:
    found, tried = [], 0
    for page, form in forms(admin).values():
        # Of fields there are several of (each weekday's start) the first.
        once = {each.name.partition("-")[2] or each.name: each for each in form.controls[::-1]}
        for control in once.values():
            value = wrong(control)
            if value is not None and control.type in FILLED:
                tried += 1
                for fault in faults(admin, form, control, value):
                    found.append(f"{page} {form.action} {control.name}: {fault}")
    assert tried > 60
    assert not found, "\n".join(found)
