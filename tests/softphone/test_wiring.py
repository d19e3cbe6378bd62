"""The gateway as it is really put together."""

from __future__ import annotations

import typing
from pathlib import Path

from config import GatewayConfig
from softphone.protocol import Command
from softphone.wiring import build


async def test_every_command_of_the_wire_has_somebody_who_carries_it_out(tmp_path: Path) -> None:
    config = GatewayConfig.from_environ({"DESK_DATA_DIR": str(tmp_path)})
    gateway = build(config).gateway
    assert gateway.commands == frozenset(typing.get_args(Command))
