"""A desk without its parts, its pages served to a browser: for what needs neither call nor worker.

It is up in a tenth of the time of the product's processes, and a test can be its worker.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from agent_desk.store import schema
from agent_desk.store.unit_of_work import Database
from tests.agent_desk.routes.browser import signed_in
from tests.agent_desk.small_desk import SmallDesk
from tests.e2e.browser import Visit


class Quiet(WSGIRequestHandler):
    """Says nothing of requests: a failed test has more to tell."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


@contextmanager
def served(folder: Path, **options: Any) -> Iterator[tuple[SmallDesk, Any]]:
    """The desk, and where its pages are (`.url`)."""
    url = f"sqlite:///{folder / 'desk.db'}"
    database = Database(url)
    schema.upgrade(database)
    database.close()
    desk = SmallDesk(url, folder, **options)
    desk.app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600  # each file is asked for once
    desk.make_reports()
    server = make_server("127.0.0.1", 0, desk.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield desk, SimpleNamespace(url=f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join(10)
        desk.stop()


def open_page(desk: SmallDesk, visit: Visit, username: str, path: str) -> Visit:
    """Have somebody who has signed in before open a page; the form of the log-in is not needed."""
    name = desk.app.config["SESSION_COOKIE_NAME"]
    cookie = signed_in(desk, username).client.get_cookie(name)
    assert cookie is not None
    visit.page.context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": visit.url, "httpOnly": True}]
    )
    visit.page.goto(f"{visit.url}{path}")
    return visit
