"""What is set for a trunk reaches the part that does it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from config import GatewayConfig, Trunk
from softphone.clock import BusinessClock
from softphone.sip.calls.journal import DialogJournal
from softphone.sip.calls.ladder import Ladders
from softphone.sip.transport.tls import TlsFiles
from softphone.sip.trunk.settings import TrunkSettings
from softphone.trunk_wiring import build_trunks, trunk_settings

PLAIN = Trunk(trunk_id="t1", host="sip.test")
# What SIP does not see: media, the desk's choice of a trunk, and the toll guard.
ELSEWHERE = {
    "srtp",
    "priority",
    "weight",
    "allowed_prefixes",
    "denied_prefixes",
    "spend_cap_yen_per_day",
    "yen_per_minute",
}
OTHERS = {
    "transport": "tls",
    "codecs": ("PCMA",),
    "number_format": "e164",
    "identity_header": "none",
    "privacy": "id",
    "username": "desk",
    "session_expires_s": 90,
}


def settings(trunk: Trunk, *, place: int = 0) -> TrunkSettings:
    return trunk_settings(trunk, bind=("0.0.0.0", 5060), place=place)


@pytest.mark.parametrize("name", [each.name for each in fields(Trunk)])
def test_each_setting_of_sip_makes_a_difference(name: str) -> None:
    value = getattr(PLAIN, name)
    other = OTHERS.get(name)
    if other is None:
        kinds = {bool: not value, str: "other", tuple: ("other",), int: 7, float: 7.5}
        other = kinds[type(value)]
    base = replace(PLAIN, transport="tls", username="u", password="p")
    if name == "transport":
        base = replace(base, transport="udp")
    changed = replace(base, **{name: other})
    assert (settings(changed) != settings(base)) is (name not in ELSEWHERE)


def test_each_trunk_has_a_port_of_its_own() -> None:
    assert [settings(PLAIN, place=place).bind_port for place in (0, 1)] == [5060, 5061]
    assert trunk_settings(PLAIN, bind=("127.0.0.1", 0), place=1).bind_port == 0


def test_files_are_named_by_path() -> None:
    trunk = replace(PLAIN, transport="tls", tls_ca="/a.pem", tls_certificate="/c", tls_key="/k")
    assert settings(trunk).tls == TlsFiles(
        ca=Path("/a.pem"), certificate=Path("/c"), key=Path("/k")
    )


async def test_what_is_hardly_meant_so_is_said_at_the_start(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environ = {
        "DESK_DATA_DIR": str(tmp_path),
        "SIP_TRUNKS": str(tmp_path / "trunks.toml"),
        "GATEWAY_SECRET": "s" * 32,
    }
    table = "[[trunk]]\nid = 'a'\nhost = '127.0.0.1'\nsrtp = 'required'\nprivacy = 'id'\n"
    (tmp_path / "trunks.toml").write_text(table)
    config = GatewayConfig.from_environ(environ)
    config.data_dir.mkdir(parents=True, exist_ok=True)
    journal = DialogJournal(config.data_dir / "journal")
    trunks = build_trunks(
        config, report=print, journal=journal, clock=BusinessClock(), ladders=Ladders()
    )
    for doubt in ("keys of SRTP travel in clear", "no caller_id", "withholds"):
        assert doubt in caplog.text
    assert trunks.knows("a") and trunks.local_host("a") == ""
    refused = trunks.refusal("a", "0990123456")
    assert refused is not None and refused.error_id == "prefix_not_allowed"
    journal.close()
