"""The SIP trunks: one line (`SIP_TRUNK`), a TOML file (`SIP_TRUNKS`), or the practice carrier."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from config_reader import Reader, is_loopback, split_host_port

CODECS = ("PCMU", "PCMA")
Transport = Literal["udp", "tcp", "tls"]
TRANSPORTS: tuple[Transport, ...] = ("udp", "tcp", "tls")
PRACTICE_CALLER_ID = "05000000000"
JAPAN_ONLY = ("+81",)
# 0990 and 0180 (information services), 0570 (navi dial): numbers the caller pays extra for.
PREMIUM = ("+81990", "+81180", "+81570")
LEAST_SESSION_S = 90  # RFC 4028 §4
LEAST_KEEPALIVE_S = 5


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """One line to a carrier or a PBX; `[[trunk]]` tables of `SIP_TRUNKS` have the same names."""

    trunk_id: str  # `id` in the file; letters, digits, - and _
    host: str  # name or address of the carrier's SIP server
    port: int = 0  # 0: by SRV, else 5060 (TLS 5061)
    transport: Transport = "udp"
    tls_ca: str = ""  # PEM file of who signed the carrier's certificate; empty: the system's list
    tls_certificate: str = ""  # PEM file of our certificate, when the carrier asks or connects
    tls_key: str = ""  # PEM file of its key
    sips: bool = False  # write sips: URIs (TLS only)
    tcp_for_large: bool = False  # UDP trunk: requests above 1300 octets go by TCP
    srtp: Literal["off", "optional", "required"] = "off"  # keys in the SDP (RFC 4568)
    username: str = ""  # SIP_USERNAME; empty: the carrier knows us by our address
    password: str = field(default="", repr=False)  # SIP_PASSWORD
    domain: str = ""  # SIP_DOMAIN, host part of our From; empty: the trunk's host
    caller_id: str = ""  # SIP_CALLER_ID, the number shown to customers
    caller_ids: tuple[str, ...] = ()  # the only numbers it may show, when there are several
    lines: int = 30  # simultaneous calls the contract allows
    calls_per_second: float = 5.0  # new calls a second the contract allows
    priority: int = 1  # trunks with a higher one are used while no lower one has room
    weight: int = 1  # share of the calls among trunks of one priority
    register: bool = False  # whether the carrier wants REGISTER
    public_host: str = ""  # our address as the carrier sees it, behind NAT
    allowed_hosts: tuple[str, ...] = ()  # further addresses the carrier may speak from
    codecs: tuple[str, ...] = CODECS  # in order of preference
    number_format: Literal["national", "e164"] = "national"  # 0312345678 or +81312345678
    identity_header: Literal[
        "P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID", "none"
    ] = "P-Asserted-Identity"
    privacy: Literal["", "none", "id"] = ""  # Privacy header; "id" withholds the number
    user_phone: bool = False  # add ;user=phone
    session_expires_s: int = 1800  # RFC 4028, seconds; 0: no session timer
    options_keepalive_s: int = 0  # seconds between OPTIONS; 0: none
    allowed_prefixes: tuple[str, ...] = JAPAN_ONLY  # +E.164
    denied_prefixes: tuple[str, ...] = PREMIUM  # within those
    spend_cap_yen_per_day: int = 0  # 0: no cap
    yen_per_minute: float = 0.0  # what a minute begun is taken to cost

    @property
    def shown_numbers(self) -> tuple[str, ...]:
        """The only numbers it may show; empty: whatever the campaign says, else `caller_id`."""
        if not self.caller_ids:
            return ()
        return tuple(dict.fromkeys(filter(None, (self.caller_id, *self.caller_ids))))


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
    where, *parameters = (part.strip() for part in text.split(";"))
    try:
        host, port = split_host_port(where, default_port=0)
        transport = _transport(parameters)
    except ValueError:
        read.fault(
            "SIP_TRUNK",
            f"{text!r} is not host:port, with ;transport=tcp or ;transport=tls at most",
            "Write it as sip.example.jp:5060 or sip.example.jp:5061;transport=tls",
        )
        return ()
    username, password = read.text("SIP_USERNAME"), read.text("SIP_PASSWORD")
    if bool(username) != bool(password):
        read.fault("SIP_USERNAME", "and SIP_PASSWORD must be set together", "Set both or neither")
    return (
        Trunk(
            trunk_id="trunk1",
            host=host,
            port=port,
            transport=transport,
            username=username,
            password=password,
            domain=read.text("SIP_DOMAIN"),
            caller_id=read.text("SIP_CALLER_ID"),
        ),
    )


def _transport(parameters: list[str]) -> Transport:
    """Raises ValueError for anything but one of the transports."""
    for transport in TRANSPORTS:
        if parameters in ([], [f"transport={transport}"]):
            return transport
    raise ValueError("unknown parameters")


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


_NAMES = {"id" if each.name == "trunk_id" else each.name: each for each in fields(Trunk)}
_CHOICES: dict[str, tuple[str, ...]] = {
    "transport": TRANSPORTS,
    "srtp": ("off", "optional", "required"),
    "number_format": ("national", "e164"),
    "identity_header": (
        "P-Asserted-Identity",
        "P-Preferred-Identity",
        "Remote-Party-ID",
        "none",
    ),
    "privacy": ("", "none", "id"),
}


def _problems(table: Any) -> list[str]:
    """What is wrong with one table, in words."""
    if not isinstance(table, dict):
        return ["is not a table"]
    problems = [f"unknown name {name!r}" for name in table if name not in _NAMES]
    problems += [
        f"{name} has the wrong kind of value"
        for name in table
        if name in _NAMES and not _is_kind(table[name], _NAMES[name].default)
    ]
    problems += [f"{name} is missing" for name in ("id", "host") if not table.get(name)]
    return problems or _wrong_values(_from_table(table))


def _is_kind(value: object, default: object) -> bool:
    """Whether a value is of the kind of the setting's default; id and host have none: text."""
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, int if isinstance(default, int) else str)


Rule = tuple[str, Callable[[Trunk], object]]  # what is wrong when it does not hold

_RULES: tuple[Rule, ...] = (
    ("id may hold letters, digits, - and _", lambda t: re.fullmatch(r"[\w-]+", t.trunk_id, re.A)),
    ("port is not 1-65535", lambda t: 0 <= t.port <= 65535),
    ("lines must be above 0", lambda t: t.lines > 0),
    ("calls_per_second must be above 0", lambda t: t.calls_per_second > 0),
    ("priority must be 1-99", lambda t: 1 <= t.priority <= 99),
    ("weight must be 1-1000", lambda t: 1 <= t.weight <= 1000),
    (f"codecs may hold {' and '.join(CODECS)}", lambda t: t.codecs and set(t.codecs) <= {*CODECS}),
    ("username and password go together", lambda t: bool(t.username) == bool(t.password)),
    ("register needs username and password", lambda t: not t.register or t.username),
    ('tls_… and sips need transport = "tls"', lambda t: t.transport == "tls" or not _tls_of(t)),
    (
        "tls_certificate and tls_key go together",
        lambda t: bool(t.tls_certificate) == bool(t.tls_key),
    ),
    (
        'tcp_for_large needs transport = "udp"',
        lambda t: not t.tcp_for_large or t.transport == "udp",
    ),
    (
        'privacy = "id" needs an identity_header, or the carrier cannot know who calls',
        lambda t: t.privacy != "id" or t.identity_header != "none",
    ),
    (
        f"session_expires_s is 0 or at least {LEAST_SESSION_S}",
        lambda t: t.session_expires_s == 0 or t.session_expires_s >= LEAST_SESSION_S,
    ),
    (
        f"options_keepalive_s is 0 or at least {LEAST_KEEPALIVE_S}",
        lambda t: t.options_keepalive_s == 0 or t.options_keepalive_s >= LEAST_KEEPALIVE_S,
    ),
    (
        'allowed_prefixes and denied_prefixes hold + and digits, such as "+81"',
        lambda t: all(re.fullmatch(r"\+[1-9][0-9]*", each) for each in _prefixes(t)),
    ),
    ("allowed_prefixes is empty: no call would leave", lambda t: t.allowed_prefixes),
    ("spend_cap_yen_per_day must not be below 0", lambda t: t.spend_cap_yen_per_day >= 0),
    (
        "spend_cap_yen_per_day needs yen_per_minute above 0",
        lambda t: not t.spend_cap_yen_per_day or t.yen_per_minute > 0,
    ),
    ("public_host is no address", lambda t: re.fullmatch(r"[\w.-]*", t.public_host, re.A)),
)


def _wrong_values(trunk: Trunk) -> list[str]:
    problems = [
        f"{name} may be {', '.join(repr(each) for each in choices)}"
        for name, choices in _CHOICES.items()
        if getattr(trunk, name) not in choices
    ]
    problems += [problem for problem, holds in _RULES if not holds(trunk)]
    files = {"tls_ca": trunk.tls_ca, "tls_certificate": trunk.tls_certificate}
    files["tls_key"] = trunk.tls_key
    problems += [
        f"{name}: {path} cannot be read"
        for name, path in files.items()
        if path and not os.access(path, os.R_OK)
    ]
    return problems


def _tls_of(trunk: Trunk) -> bool:
    return bool(trunk.tls_ca or trunk.tls_certificate or trunk.tls_key or trunk.sips)


def _prefixes(trunk: Trunk) -> tuple[str, ...]:
    return (*trunk.allowed_prefixes, *trunk.denied_prefixes)


def _from_table(table: dict[str, Any]) -> Trunk:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }
    values["trunk_id"] = values.pop("id")
    return Trunk(**values)
