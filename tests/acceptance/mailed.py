"""A report sent by mail with nothing but the pages of a running product: what a person would do."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from tests.waiting import PATIENCE_S, START_S, until

TOKEN = re.compile(r'<meta name="csrf-token" content="([^"]+)"')


class _Staying(urllib.request.HTTPRedirectHandler):
    """Where a form leads may not be there yet."""

    def redirect_request(self, *told: Any) -> None:
        """Nowhere."""


class Reader:
    """Somebody signed in, without a browser."""

    def __init__(self, url: str, username: str) -> None:
        self._url = url
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self._staying = urllib.request.build_opener(jar, _Staying)
        self.send("/login", "/login", username=username, password="demo")

    def get(self, path: str) -> str:
        """A page; what is not there yet is an empty one."""
        request = urllib.request.Request(self._url + path, headers={"Accept": "text/html"})
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as answer:
                return str(answer.read().decode())
        except HTTPError as refused:
            with refused:
                return ""

    def send(self, page: str, path: str, **fields: Any) -> str:
        """A form of a page; the address it leads to."""
        found = TOKEN.search(self.get(page))
        assert found is not None, page
        told = urllib.parse.urlencode({"csrf_token": found[1], **fields}, doseq=True)
        try:
            with self._staying.open(self._url + path, told.encode(), timeout=PATIENCE_S):
                raise AssertionError(f"{path} leads nowhere: the form was refused")
        except HTTPError as led:
            with led:
                assert led.code == 303, (path, led.code)
                return str(led.headers["Location"])


def send_to_oneself(url: str, folder: Path) -> EmailMessage:
    """Save the report of operators, schedule it, have it sent now; the mail from the folder."""
    reader = Reader(url, "manager1")
    until(
        lambda: "funnel-step" in reader.get("/reports"), within_s=START_S, what="reports are made"
    )
    named = {"name": "本日の実績", "period": "today"}
    saved = reader.send("/reports", "/reports/operators/save", **named).rpartition("-")[2]
    form = f"/reports/schedules/new/{saved}"
    own = re.search(r'name="recipients" value="(\d+)" checked', reader.get(form))
    assert own is not None
    told = {"often": "daily", "time": "18:00", "form": "csv", "weekday": 0, "recipients": own[1]}
    reader.send(form, form, **told)
    reader.send("/reports/schedules/1", "/reports/schedules/1/send")
    [path] = until(lambda: list(folder.glob("*.eml")), within_s=START_S, what="a mail is written")
    found = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found
