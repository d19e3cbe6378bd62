"""The SIP trunks: one line (`SIP_TRUNK`), a TOML file (`SIP_TRUNKS`), or the practice carrier."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config_reader import Reader, is_loopback, split_host_port

SIP_PORT = 5060
CODECS = ("PCMU", "PCMA")
PRACTICE_CALLER_ID = "05000000000"


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """One line to a carrier or a PBX; `[[trunk]]` tables of `SIP_TRUNKS` have the same names."""

    trunk_id: str  # `id` in the file; letters, digits, - and _
    host: str  # name or address of the carrier's SIP server
    port: int = SIP_PORT  # UDP port
    username: str = ""  # SIP_USERNAME; empty: the carrier knows us by our address
    password: str = field(default="", repr=False)  # SIP_PASSWORD
    domain: str = ""  # SIP_DOMAIN, host part of our From; empty: the trunk's host
    caller_id: str = ""  # SIP_CALLER_ID, the number shown to customers
    lines: int = 30  # simultaneous calls the contract allows
    calls_per_second: float = 5.0  # new calls a second the contract allows
    register: bool = False  # whether the carrier wants REGISTER
    codecs: tuple[str, ...] = CODECS  # in order of preference


def read_trunks(read: Reader, *, practice_port: int) -> tuple[Trunk, ...]:
    """The trunks of the settings; faults go to `read`."""
    one, several = read.text("SIP_TRUNK"), read.text("SIP_TRUNKS")
    if one and several:
        read.fault("SIP_TRUNK", "is set together with SIP_TRUNKS", "Unset one of the two")
        return ()
    if several:
        return _from_file(read, Path(several).expanduser())
    if one:
        return _from_line(read, one)
    return (
        Trunk(
            trunk_id="practice",
            host="127.0.0.1",
            port=practice_port,
            caller_id=PRACTICE_CALLER_ID,
            lines=60,
            calls_per_second=20.0,
        ),
    )


def is_practice(trunks: tuple[Trunk, ...], *, practice_port: int) -> bool:
    """Whether the only trunk is the practice carrier on loopback."""
    return len(trunks) == 1 and is_loopback(trunks[0].host) and trunks[0].port == practice_port


def _from_line(read: Reader, text: str) -> tuple[Trunk, ...]:
    try:
        host, port = split_host_port(text, default_port=SIP_PORT)
    except ValueError:
        read.fault("SIP_TRUNK", f"{text!r} is not host:port", "Write it as sip.example.jp:5060")
        return ()
    username, password = read.text("SIP_USERNAME"), read.text("SIP_PASSWORD")
    if bool(username) != bool(password):
        read.fault("SIP_USERNAME", "and SIP_PASSWORD must be set together", "Set both or neither")
    return (
        Trunk(
            trunk_id="trunk1",
            host=host,
            port=port,
            username=username,
            password=password,
            domain=read.text("SIP_DOMAIN"),
            caller_id=read.text("SIP_CALLER_ID"),
        ),
    )


def _from_file(read: Reader, path: Path) -> tuple[Trunk, ...]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("trunk")
    except (OSError, ValueError) as error:
        read.fault("SIP_TRUNKS", f"{path} cannot be read ({error})", "Correct the TOML file")
        return ()
    if not isinstance(tables, list) or not tables:
        read.fault("SIP_TRUNKS", f"{path} has no [[trunk]] table", "Add one per trunk")
        return ()
    trunks = []
    for number, table in enumerate(tables, start=1):
        problems = _problems(table)
        for problem in problems:
            read.fault("SIP_TRUNKS", f"[[trunk]] {number} of {path}: {problem}", "Correct it")
        if not problems:
            trunks.append(_from_table(table))
    ids = [trunk.trunk_id for trunk in trunks]
    if len(set(ids)) < len(ids):
        read.fault("SIP_TRUNKS", f"{path} uses an id twice", "Give each [[trunk]] its own id")
    return tuple(trunks)


_KINDS: dict[str, tuple[type, ...]] = {
    "id": (str,),
    "host": (str,),
    "port": (int,),
    "username": (str,),
    "password": (str,),
    "domain": (str,),
    "caller_id": (str,),
    "lines": (int,),
    "calls_per_second": (int, float),
    "register": (bool,),
    "codecs": (list,),
}


def _problems(table: Any) -> list[str]:
    """What is wrong with one table, in words."""
    if not isinstance(table, dict):
        return ["is not a table"]
    problems = [f"unknown name {name!r}" for name in table if name not in _KINDS]
    problems += [
        f"{name} has the wrong kind of value"
        for name, kinds in _KINDS.items()
        if name in table and not _is_kind(table[name], kinds)
    ]
    problems += [f"{name} is missing" for name in ("id", "host") if not table.get(name)]
    return problems or _wrong_values(table)


def _wrong_values(table: dict[str, Any]) -> list[str]:
    codecs = table.get("codecs", CODECS)
    rules = {
        "id may hold letters, digits, - and _": re.fullmatch(r"[\w-]+", table["id"], re.ASCII),
        "port is not 1-65535": 1 <= table.get("port", SIP_PORT) <= 65535,
        "lines must be above 0": table.get("lines", 1) > 0,
        "calls_per_second must be above 0": table.get("calls_per_second", 1) > 0,
        f"codecs may hold {' and '.join(CODECS)}": codecs and set(codecs) <= set(CODECS),
        "username and password go together": bool(table.get("username"))
        == bool(table.get("password")),
    }
    return [problem for problem, kept in rules.items() if not kept]


def _is_kind(value: object, kinds: tuple[type, ...]) -> bool:
    # bool is an int in Python; `lines = true` is still a mistake.
    return isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))


def _from_table(table: dict[str, Any]) -> Trunk:
    values = dict(table)
    values["trunk_id"] = values.pop("id")
    if "codecs" in values:
        values["codecs"] = tuple(values["codecs"])
    return Trunk(**values)
