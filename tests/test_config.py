"""Settings have safe defaults, wrong ones are reported together, unsafe starts are refused."""

from __future__ import annotations

import base64
import json
import stat
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest

from config import ConfigError, DeskConfig, GatewayConfig

KEY = base64.b64encode(bytes(range(32))).decode()
INSTANT = "2026-04-01T10:00:00+09:00"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"DESK_DATA_DIR": str(tmp_path / "data")}


def faults(kind: type[DeskConfig] | type[GatewayConfig], environ: Mapping[str, str]) -> list[str]:
    """The names of the settings that are reported as wrong."""
    with pytest.raises(ConfigError) as caught:
        kind.from_environ(environ)
    return [fault.setting for fault in caught.value.faults]


def write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


# --- Defaults -----------------------------------------------------------------------------------


def test_nothing_set_means_the_demo_on_loopback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = DeskConfig.from_environ({})
    assert config.url == "http://127.0.0.1:5000"
    assert config.loopback
    assert config.data_dir == tmp_path / "data"
    assert config.database_url == f"sqlite:///{tmp_path}/data/desk.db"
    assert config.recording_dir == tmp_path / "data" / "recordings"
    assert (config.practice, config.own_practice_carrier) == (True, True)
    assert config.clock_start is None


def test_the_default_trunk_is_the_practice_carrier(environ: dict[str, str]) -> None:
    (trunk,) = DeskConfig.from_environ({**environ, "PRACTICE_CARRIER_PORT": "5099"}).trunks
    assert (trunk.host, trunk.port) == ("127.0.0.1", 5099)
    assert (trunk.lines, trunk.calls_per_second) == (60, 20.0)


def test_an_empty_setting_counts_as_not_set(environ: dict[str, str]) -> None:
    assert DeskConfig.from_environ({**environ, "DESK_PORT": " ", "SIP_TRUNK": ""}).port == 5000


def test_desk_and_gateway_on_one_machine_agree(environ: dict[str, str], tmp_path: Path) -> None:
    desk, gateway = DeskConfig.from_environ(environ), GatewayConfig.from_environ(environ)
    assert gateway.desk_url == desk.url
    assert gateway.gateway_secret == desk.gateway_secret
    assert gateway.recording_keys == desk.recording_keys
    assert gateway.trunks == desk.trunks
    assert gateway.data_dir == tmp_path / "data" / "gateway"
    assert gateway.gateway_id == "gw1"
    assert gateway.rtp_ports == (40000, 40999)
    assert gateway.offer_loopback


def test_no_secret_shows_in_a_log_of_the_settings(environ: dict[str, str]) -> None:
    secrets = {
        "DESK_SECRET_KEY": "cookie-secret-1234",
        "GATEWAY_SECRET": "gateway-secret-1234",
        "DESK_DATABASE_URL": "postgresql://desk:database-secret@db/desk",
        "DESK_SMTP_URL": "smtps://user:mail-secret@mail",
        "DESK_MAIL_FROM": "desk@example.jp",
        "SIP_TRUNK": "sip.example.jp",
        "SIP_USERNAME": "desk",
        "SIP_PASSWORD": "trunk-secret",
        "ICE_SERVERS": '[{"urls": "turn:t", "credential": "turn-secret"}]',
    }
    shown = repr(DeskConfig.from_environ({**environ, **secrets}))
    shown += repr(GatewayConfig.from_environ({**environ, **secrets}))
    for secret in ("cookie", "gateway", "database", "mail", "trunk", "turn"):
        assert f"{secret}-secret" not in shown


# --- Keys ---------------------------------------------------------------------------------------


def test_keys_nobody_set_are_generated_once_and_only_for_their_owner(
    environ: dict[str, str], tmp_path: Path
) -> None:
    first, second = DeskConfig.from_environ(environ), DeskConfig.from_environ(environ)
    assert first == second
    assert len({first.index_key, first.audit_key, *first.recording_keys, *first.data_keys}) == 4
    path = tmp_path / "data" / "keys.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_parts_that_start_together_read_the_same_keys(environ: dict[str, str]) -> None:
    found: list[DeskConfig] = []
    threads = [
        threading.Thread(target=lambda: found.append(DeskConfig.from_environ(environ)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert all(config == found[0] for config in found)


def test_a_key_from_the_environment_wins_and_is_not_stored(
    environ: dict[str, str], tmp_path: Path
) -> None:
    config = DeskConfig.from_environ({**environ, "DESK_INDEX_KEY": KEY})
    assert config.index_key == bytes(range(32))
    assert "DESK_INDEX_KEY" not in json.loads((tmp_path / "data" / "keys.json").read_text())


def test_an_old_data_key_still_opens_when_a_new_one_seals(environ: dict[str, str]) -> None:
    new = base64.urlsafe_b64encode(b"\xff" * 32).decode()
    config = DeskConfig.from_environ({**environ, "DESK_DATA_KEY": f"{new}, {KEY}"})
    assert config.data_keys == (b"\xff" * 32, bytes(range(32)))


@pytest.mark.parametrize("part", [DeskConfig, GatewayConfig])
def test_an_old_recording_key_still_opens_when_a_new_one_seals(
    environ: dict[str, str], part: type[DeskConfig | GatewayConfig]
) -> None:
    new = base64.b64encode(b"\xff" * 32).decode()
    config = part.from_environ({**environ, "RECORDING_KEY": f"{new},{KEY}"})
    assert config.recording_keys == (b"\xff" * 32, bytes(range(32)))


@pytest.mark.parametrize("text", ["short", "A" * 43, base64.b64encode(b"x" * 31).decode()])
def test_a_key_that_is_no_key_is_refused_without_being_shown(
    environ: dict[str, str], text: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        DeskConfig.from_environ({**environ, "DESK_AUDIT_KEY": text})
    assert "DESK_AUDIT_KEY" in str(caught.value)
    assert text not in str(caught.value)


def test_a_damaged_key_file_is_named_and_not_overwritten(
    environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "keys.json"
    path.write_text('{"DESK_DATA_KEY": ')
    assert faults(DeskConfig, environ) == ["DESK_DATA_DIR"]
    assert path.read_text() == '{"DESK_DATA_KEY": '


def test_a_gateway_on_another_machine_makes_up_no_keys(environ: dict[str, str]) -> None:
    environ["DESK_URL"] = "https://desk.example.jp"
    assert faults(GatewayConfig, environ) == ["GATEWAY_SECRET", "RECORDING_KEY"]
    environ |= {"GATEWAY_SECRET": "a secret of both sides", "RECORDING_KEY": KEY}
    assert not GatewayConfig.from_environ(environ).offer_loopback


# --- Faults -------------------------------------------------------------------------------------


def test_all_faults_are_reported_together(environ: dict[str, str]) -> None:
    wrong = {
        "DESK_PORT": "70000",
        "DESK_DATABASE_URL": "mysql://db/desk",
        "DESK_SECRET_KEY": "short",
        "DESK_TLS_CERT": "/nowhere/cert.pem",
        "DESK_REDIS_URL": "http://redis",
        "DESK_SMTP_URL": "mail.example.jp",
        "DESK_MAIL_FROM": "desk",
        "DESK_TRUSTED_PROXIES": "10.0.0.1, proxy",
        "ICE_SERVERS": "stun:stun.example.jp",
        "DESK_CLOCK_ANCHOR": "yesterday",
    }
    assert set(faults(DeskConfig, {**environ, **wrong})) == {*wrong, "DESK_TLS_KEY"}


def test_every_fault_says_what_is_wrong_and_what_to_do(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        DeskConfig.from_environ({**environ, "DESK_PORT": "x"})
    assert str(caught.value) == (
        "The settings cannot be used:\n"
        "  - DESK_PORT: 'x' is not a whole number 1-65535. Correct or unset it."
    )


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"secret": "short"}, "a secret shorter than 16"),
        ({"secret": "s" * 20, "username": "u"}, "both a secret and a fixed user name"),
        ({"secret": "s" * 20, "ttl_s": "a day"}, "ttl_s"),
        ({"secret": "s" * 20, "ttl_s": 5}, "ttl_s"),
    ],
)
def test_a_relay_that_could_not_work_is_reported_without_its_secret(
    environ: dict[str, str], entry: dict[str, object], problem: str
) -> None:
    text = json.dumps([{"urls": "turn:turn.example.jp", **entry}])
    with pytest.raises(ConfigError) as caught:
        DeskConfig.from_environ({**environ, "ICE_SERVERS": text})
    assert problem in str(caught.value)
    assert str(entry["secret"]) not in str(caught.value).replace("a secret shorter", "")


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("MEDIA_PLANE", "fast"),
        ("GATEWAY_ID", "a b"),
        ("DESK_URL", "desk.example.jp"),
        ("GATEWAY_PUBLIC_ADDRESS", "gateway.example.jp"),
        ("SIP_BIND", "sip:5060"),
        ("SIP_BIND", "0.0.0.0:99999"),
        ("RTP_PORTS", "40000"),
        ("RTP_PORTS", "40000-40010"),
        ("RTP_PORTS", "80-400"),
        ("RTP_PORTS", "60000-70000"),
    ],
)
def test_a_wrong_setting_of_the_gateway_is_reported(
    environ: dict[str, str], setting: str, text: str
) -> None:
    assert faults(GatewayConfig, {**environ, setting: text})[0] == setting


# --- Listening ----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_tls(environ: dict[str, str], host: str) -> None:
    assert DeskConfig.from_environ({**environ, "DESK_HOST": host}).loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "desk.example.jp"])
def test_listening_off_loopback_without_tls_is_refused_with_the_reason(
    environ: dict[str, str], host: str
) -> None:
    with pytest.raises(ConfigError, match="DESK_HOST: .* browsers refuse the microphone"):
        DeskConfig.from_environ({**environ, "DESK_HOST": host})


def test_tls_allows_listening_off_loopback(environ: dict[str, str], tmp_path: Path) -> None:
    environ |= {
        "DESK_HOST": "0.0.0.0",
        "DESK_TLS_CERT": write(tmp_path / "cert.pem", ""),
        "DESK_TLS_KEY": write(tmp_path / "key.pem", ""),
    }
    config = DeskConfig.from_environ(environ)
    assert config.url == "https://127.0.0.1:5000"
    assert not config.loopback
    gateway = GatewayConfig.from_environ(environ)
    assert gateway.desk_url == "https://127.0.0.1:5000"
    assert gateway.desk_certificate == config.tls_cert


def test_a_certificate_without_its_key_is_refused(environ: dict[str, str], tmp_path: Path) -> None:
    environ["DESK_TLS_CERT"] = write(tmp_path / "cert.pem", "")
    assert faults(DeskConfig, environ) == ["DESK_TLS_KEY"]


def test_a_trusted_proxy_allows_listening_off_loopback(environ: dict[str, str]) -> None:
    environ |= {"DESK_HOST": "10.0.0.2", "DESK_TRUSTED_PROXIES": "10.0.0.1,10.1.0.0/16"}
    config = DeskConfig.from_environ(environ)
    assert config.trusted_proxies == (ip_network("10.0.0.1/32"), ip_network("10.1.0.0/16"))


def test_an_ipv6_desk_has_an_address_that_can_be_opened(environ: dict[str, str]) -> None:
    assert DeskConfig.from_environ({**environ, "DESK_HOST": "::1"}).url == "http://[::1]:5000"


# --- Database -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_postgresql_always_means_the_driver_that_works_here(
    environ: dict[str, str], scheme: str
) -> None:
    environ["DESK_DATABASE_URL"] = f"{scheme}://desk@/desk?host=/run/postgresql"
    url = DeskConfig.from_environ(environ).database_url
    assert url == "postgresql+psycopg2://desk@/desk?host=/run/postgresql"


@pytest.mark.parametrize(
    "url",
    ["mysql://db/x", "postgresql+psycopg://db/x", "sqlite://", "sqlite:///:memory:", "desk.db"],
)
def test_another_database_is_refused(environ: dict[str, str], url: str) -> None:
    assert faults(DeskConfig, {**environ, "DESK_DATABASE_URL": url}) == ["DESK_DATABASE_URL"]


# --- The clock ----------------------------------------------------------------------------------


def test_business_time_may_be_shifted_towards_the_practice_carrier(environ: dict[str, str]) -> None:
    environ |= {"DESK_CLOCK_START": INSTANT, "DESK_CLOCK_ANCHOR": "2026-03-01T00:00:00Z"}
    config = DeskConfig.from_environ(environ)
    assert config.clock_start == datetime(2026, 4, 1, 1, tzinfo=UTC)
    assert config.clock_anchor == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("trunk", ["sip.example.jp", "127.0.0.1:5061", "192.0.2.1:5070"])
def test_business_time_is_never_shifted_towards_real_people(
    environ: dict[str, str], trunk: str
) -> None:
    environ |= {"DESK_CLOCK_START": INSTANT, "SIP_TRUNK": trunk}
    assert faults(DeskConfig, environ) == ["DESK_CLOCK_START"]


@pytest.mark.parametrize("text", ["2026-04-01T10:00:00", "10:00", "2026-04-01"])
def test_an_instant_without_its_offset_is_refused(environ: dict[str, str], text: str) -> None:
    assert faults(DeskConfig, {**environ, "DESK_CLOCK_START": text}) == ["DESK_CLOCK_START"]


def test_an_anchor_means_nothing_without_a_start(environ: dict[str, str]) -> None:
    assert faults(DeskConfig, {**environ, "DESK_CLOCK_ANCHOR": INSTANT}) == ["DESK_CLOCK_ANCHOR"]


def test_own_prompts_need_their_directory(environ: dict[str, str], tmp_path: Path) -> None:
    own = {**environ, "PROMPT_DIR": str(tmp_path)}
    assert GatewayConfig.from_environ(own).prompt_dir == tmp_path
    with pytest.raises(ConfigError, match="PROMPT_DIR"):
        GatewayConfig.from_environ({**environ, "PROMPT_DIR": str(tmp_path / "absent")})
