"""Whoever sends mail is killed between handing it in and telling the desk: nothing is lost, and
what may have gone out twice says so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
from werkzeug.serving import make_server

from agent_desk.services.mailing.tries import PAUSES
from tests.agent_desk.post import Post
from tests.agent_desk.services.mailing.dying_process import HANDED_IN
from tests.agent_desk.services.mailing.test_handing_out import SIX_HOURS_S, runs, states


@pytest.mark.processes
def test_a_mail_handed_in_by_a_process_that_was_killed_is_sent_again_and_is_in_the_log(
    post: Post,
) -> None:
    schedule_id = post.schedule("manager1", "manager1")
    desk = post.desk
    desk.clock.advance(SIX_HOURS_S)
    folder = desk.config.data_dir / "reports"
    folder.mkdir(parents=True, exist_ok=True)
    server = make_server("127.0.0.1", 0, desk.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    sender = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.agent_desk.services.mailing.dying_process"),
            *(url, str(post.server.port), str(folder)),
        ],
        env={**os.environ, "DESK_SECRET_KEY": desk.config.secret_key},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert sender.stdout is not None
        assert sender.stdout.readline().strip() == HANDED_IN
    finally:
        sender.send_signal(signal.SIGKILL)
        sender.communicate()
        server.shutdown()
        thread.join(10)
    assert sender.returncode == -signal.SIGKILL
    assert post.server.recipients == ["manager1@example.jp"]
    assert states(post, schedule_id) == {"manager1": ("waiting", None)}

    assert post.deliver() == 0, "another process; a minute for the server"
    assert states(post, schedule_id) == {"manager1": ("waiting", "interrupted")}
    desk.clock.advance(PAUSES[0].total_seconds())
    assert post.deliver() == 1
    first, second = post.server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert states(post, schedule_id) == {"manager1": ("sent", None)}
    assert runs(post) == [("failed", "interrupted"), ("done", None)]
