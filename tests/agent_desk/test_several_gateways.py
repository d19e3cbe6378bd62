"""Gateways side by side on one machine share nothing they must not share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent_desk.several_gateways import environs
from config import ConfigError, DeskConfig, GatewayConfig


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"DESK_DATA_DIR": str(tmp_path)}


def configs(environ: dict[str, str], count: int) -> list[GatewayConfig]:
    return [GatewayConfig.from_environ(each) for each in environs(environ, count)]


def test_one_gateway_is_told_what_it_always_was(environ: dict[str, str]) -> None:
    assert environs(environ, 1) == [environ]


def test_names_directories_and_ports_are_each_ones_own(environ: dict[str, str]) -> None:
    found = configs({**environ, "RTP_PORTS": "40000-40199", "SIP_BIND": "127.0.0.1:5060"}, 3)
    assert [each.gateway_id for each in found] == ["gw1", "gw2", "gw3"]
    assert [each.data_dir.name for each in found] == ["gateway", "gateway-gw2", "gateway-gw3"]
    assert [each.sip_bind[1] for each in found] == [5060, 5061, 5062]
    ports = [set(range(each.rtp_ports[0], each.rtp_ports[1] + 1)) for each in found]
    assert not (ports[0] & ports[1] or ports[1] & ports[2] or ports[0] & ports[2])
    assert set().union(*ports) <= set(range(40000, 40200))


def test_gateways_of_two_trunks_leave_each_other_room(
    environ: dict[str, str], tmp_path: Path
) -> None:
    trunks = tmp_path / "trunks.toml"
    trunks.write_text('[[trunk]]\nid="a"\nhost="192.0.2.1"\n[[trunk]]\nid="b"\nhost="192.0.2.2"\n')
    found = configs({**environ, "SIP_TRUNKS": str(trunks), "SIP_BIND": "0.0.0.0:5060"}, 2)
    assert [each.sip_bind[1] for each in found] == [5060, 5062]


def test_ports_the_system_chooses_stay_its_choice(environ: dict[str, str]) -> None:
    assert [each.sip_bind[1] for each in configs(environ, 2)] == [0, 0]
    assert [each.relay_bind for each in configs(environ, 2)] == [("127.0.0.1", 0)] * 2


def test_a_name_that_was_given_is_numbered(environ: dict[str, str]) -> None:
    found = configs({**environ, "GATEWAY_ID": "osaka"}, 2)
    assert [each.gateway_id for each in found] == ["osaka-1", "osaka-2"]


def test_too_few_ports_for_so_many_are_named(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="RTP_PORTS: 40000-40039 leaves 13 ports to each of 3"):
        environs({**environ, "RTP_PORTS": "40000-40039"}, 3)


@pytest.mark.parametrize(("text", "count"), [("", 1), ("3", 3)])
def test_how_many_is_a_setting(environ: dict[str, str], text: str, count: int) -> None:
    assert DeskConfig.from_environ({**environ, "GATEWAYS": text}).gateways == count


def test_auto_leaves_one_processor_to_the_others(environ: dict[str, str]) -> None:
    gateways = DeskConfig.from_environ({**environ, "GATEWAYS": "auto"}).gateways
    assert gateways == max(1, (os.cpu_count() or 2) - 1)


@pytest.mark.parametrize("text", ["0", "65", "many"])
def test_a_number_that_cannot_be_is_refused(environ: dict[str, str], text: str) -> None:
    with pytest.raises(ConfigError, match="GATEWAYS"):
        DeskConfig.from_environ({**environ, "GATEWAYS": text})
