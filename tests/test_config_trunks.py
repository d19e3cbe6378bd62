"""A trunk is named by one line or a file, and every mistake in either is reported by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import ConfigError, DeskConfig, GatewayConfig


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"DESK_DATA_DIR": str(tmp_path / "data")}


def faults(environ: dict[str, str]) -> list[str]:
    """The names of the settings that are reported as wrong."""
    with pytest.raises(ConfigError) as caught:
        DeskConfig.from_environ(environ)
    return [fault.setting for fault in caught.value.faults]


def test_one_line_is_enough_for_a_trunk(environ: dict[str, str]) -> None:
    environ |= {
        "SIP_TRUNK": "sip.example.jp:5080",
        "SIP_USERNAME": "desk",
        "SIP_PASSWORD": "pass",
        "SIP_DOMAIN": "example.jp",
        "SIP_CALLER_ID": "0312345678",
    }
    config = DeskConfig.from_environ(environ)
    (trunk,) = config.trunks
    assert (trunk.trunk_id, trunk.host, trunk.port) == ("trunk1", "sip.example.jp", 5080)
    assert (trunk.username, trunk.password) == ("desk", "pass")
    assert (trunk.domain, trunk.caller_id) == ("example.jp", "0312345678")
    assert (config.practice, config.own_practice_carrier) == (False, False)


def test_a_practice_carrier_somebody_else_started_is_still_for_practice(
    environ: dict[str, str],
) -> None:
    config = DeskConfig.from_environ({**environ, "SIP_TRUNK": "127.0.0.1:5070"})
    assert (config.practice, config.own_practice_carrier) == (True, False)


@pytest.mark.parametrize(
    ("trunk", "bind"),
    [
        ("sip.example.jp", ("0.0.0.0", 5060)),
        ("127.0.0.1:5080", ("127.0.0.1", 0)),
    ],
)
def test_sip_listens_where_its_trunk_can_answer(
    environ: dict[str, str], trunk: str, bind: tuple[str, int]
) -> None:
    assert GatewayConfig.from_environ({**environ, "SIP_TRUNK": trunk}).sip_bind == bind


@pytest.mark.parametrize(
    "text", ["sip:example.jp", "a b", "host:99999", "user@host", "/", ":5060", "h;lr"]
)
def test_a_trunk_that_is_no_address_is_refused(environ: dict[str, str], text: str) -> None:
    assert faults({**environ, "SIP_TRUNK": text}) == ["SIP_TRUNK"]


def test_a_user_without_a_password_is_refused(environ: dict[str, str]) -> None:
    environ |= {"SIP_TRUNK": "sip.example.jp", "SIP_USERNAME": "desk"}
    assert faults(environ) == ["SIP_USERNAME"]


TLS = "[[trunk]]\nid = 'a'\nhost = 'h'\ntransport = 'tls'\n"


def test_the_one_line_may_name_the_transport(environ: dict[str, str]) -> None:
    environ["SIP_TRUNK"] = "sip.example.jp;transport=tls"
    (trunk,) = DeskConfig.from_environ(environ).trunks
    assert (trunk.host, trunk.port, trunk.transport) == ("sip.example.jp", 0, "tls")


def test_all_that_is_wrong_with_a_trunk_is_told_at_once(
    environ: dict[str, str], tmp_path: Path
) -> None:
    text = f"{TLS}weight = 0\nlines = 0\nsrtp = 'dtls'\n[[trunk]]\nid = 'b'\nhost = 'h'\nport = -1"
    environ["SIP_TRUNKS"] = write(tmp_path, text)
    assert faults(environ) == ["SIP_TRUNKS"] * 4


def test_the_numbers_a_trunk_may_show_are_its_own_and_its_pool(
    environ: dict[str, str], tmp_path: Path
) -> None:
    text = f"{TLS}caller_id = '0312340000'\ncaller_ids = ['0312340001', '0312340000']"
    environ["SIP_TRUNKS"] = write(tmp_path, text)
    (trunk,) = DeskConfig.from_environ(environ).trunks
    assert trunk.shown_numbers == ("0312340000", "0312340001")


def write(directory: Path, text: str) -> str:
    path = directory / "trunks.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_describes_several_trunks(environ: dict[str, str], tmp_path: Path) -> None:
    text = """
        [[trunk]]
        id = "main"
        host = "sip.example.jp"
        lines = 100
        calls_per_second = 8
        register = true
        username = "desk"
        password = "pass"
        codecs = ["PCMA"]
        [[trunk]]
        id = "spare"
        host = "192.0.2.1"
        port = 5070
    """
    environ["SIP_TRUNKS"] = write(tmp_path, text)
    config = DeskConfig.from_environ(environ)
    main, spare = config.trunks
    assert (main.lines, main.calls_per_second, main.register) == (100, 8, True)
    assert main.codecs == ("PCMA",)
    assert (spare.trunk_id, spare.port, spare.codecs) == ("spare", 5070, ("PCMU", "PCMA"))
    assert not config.practice


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no .*trunk.* table"),
        ("trunk = 1", "no .*trunk.* table"),
        ("trunk = [1]", "is not a table"),
        ("[[trunk", "cannot be read"),
        ("[[trunk]]\nid = 'a'", "host is missing"),
        ("[[trunk]]\nid = 'a b'\nhost = 'h'", "id may hold"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\nport = '5060'", "port has the wrong kind"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\nport = 70000", "port is not"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\nlines = true", "lines has the wrong kind"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\nlines = 0", "lines must be above 0"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\ncps = 1", "unknown name 'cps'"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\ncodecs = ['G729']", "codecs may hold"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\ncodecs = []", "codecs may hold"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\nusername = 'u'", "username and password"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\n[[trunk]]\nid = 'a'\nhost = 'h'", "an id twice"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\ntransport = 'sctp'", "transport may be 'udp', 'tcp'"),
        ("[[trunk]]\nid = 'a'\nhost = 'h'\ntls_ca = '/nowhere.pem'", "need transport"),
        (f"{TLS}tls_ca = '/nowhere.pem'", "tls_ca: /nowhere.pem cannot be read"),
        (f"{TLS}tls_key = '/dev/null'", "tls_certificate and tls_key"),
        (f"{TLS}tcp_for_large = true", "tcp_for_large needs"),
        (f"{TLS}srtp = true", "srtp has the wrong kind"),
        (f"{TLS}srtp = 'dtls'", "srtp may be"),
        (f"{TLS}caller_ids = [3]", "caller_ids has the wrong kind"),
        (f"{TLS}weight = 0", "weight must be"),
        (f"{TLS}priority = 0", "priority must be"),
        (f"{TLS}register = true", "register needs"),
        (f"{TLS}privacy = 'id'\nidentity_header = 'none'", "needs an identity_header"),
        (f"{TLS}session_expires_s = 60", "session_expires_s is 0 or at least 90"),
        (f"{TLS}options_keepalive_s = 1", "options_keepalive_s is 0 or at least 5"),
        (f"{TLS}allowed_prefixes = ['03']", "and digits"),
        (f"{TLS}allowed_prefixes = []", "no call would leave"),
        (f"{TLS}spend_cap_yen_per_day = 100", "needs yen_per_minute"),
        (f"{TLS}public_host = 'a b'", "public_host is no address"),
    ],
)
def test_a_mistake_in_the_trunk_file_is_named(
    environ: dict[str, str], tmp_path: Path, text: str, problem: str
) -> None:
    environ["SIP_TRUNKS"] = write(tmp_path, text)
    with pytest.raises(ConfigError, match=problem):
        DeskConfig.from_environ(environ)


def test_two_ways_to_name_a_trunk_are_one_too_many(environ: dict[str, str]) -> None:
    environ |= {"SIP_TRUNK": "sip.example.jp", "SIP_TRUNKS": "/nowhere.toml"}
    assert faults(environ) == ["SIP_TRUNK"]
