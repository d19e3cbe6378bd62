"""Every setting has one home, `config.py`, and one table for people, docs/deploy.md."""

from __future__ import annotations

import ast
import re

from tests.house.sources import ROOT, python_sources

SETTING = re.compile(
    r"(?:DESK|GATEWAY|RECORDING|SIP|RTP|ICE|MEDIA|PRACTICE|PROMPT)_[A-Z]+(?:_[A-Z]+)*|GATEWAYS"
)
TABLE = re.compile(r"^\| (`[A-Z_` ]+`) \|", re.MULTILINE)


def settings_read() -> set[str]:
    """The names config.py and its neighbours ask the environment for."""
    return {
        node.value
        for source in python_sources()
        if source.path.startswith("config")
        for node in ast.walk(source.parse())
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if SETTING.fullmatch(node.value)
    }


def test_every_setting_is_in_the_table_of_the_docs_and_no_other() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    documented = {name for row in TABLE.findall(text) for name in re.findall(r"[A-Z_]+", row)}
    assert documented == settings_read()


def test_only_the_entries_of_processes_look_at_the_environment() -> None:
    entries = {"__main__.py", "cli.py", "server.py", "worker.py"}
    elsewhere = [
        f"{source.path}:{node.lineno}"
        for source in python_sources()
        if source.path.startswith(("agent_desk/", "softphone/"))
        and source.path.rpartition("/")[2] not in entries
        for node in ast.walk(source.parse())
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
    ]
    assert not elsewhere, "\n".join(elsewhere)
