"""The real gateway process for tests: `python -m softphone` with everything on loopback.

gateway = GatewayProcess(data_dir, desk, sip_port=carrier_port)
gateway.start()
gateway.kill()       # kill -9
gateway.start()      # the same data directory, as a supervisor would
gateway.drain()      # SIGTERM: it finishes its calls; then wait()
gateway.stop()       # SIGINT; returns the exit code
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson

from softphone.protocol import PlaceCall, Prompt, ScreeningMode
from tests.fakes.desk_server import FakeDesk
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[2]


class GatewayProcess:
    """One gateway, its logs kept in `<data_dir>/gateway.log`."""

    def __init__(
        self,
        data_dir: Path,
        desk: FakeDesk,
        *,
        sip_port: int,
        rtp_ports: str = "42000-42999",
        gateway_id: str = "gw1",
        descriptors: int | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        """`descriptors`: how many files the process may have open; `settings`: any others."""
        self.data_dir = data_dir
        self.log_path = data_dir / "gateway.log"
        self._descriptors = descriptors
        self._process: subprocess.Popen[bytes] | None = None
        self._environ = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "GATEWAY_ID": gateway_id,
            # What is tested is not how fast this machine is.
            "GATEWAY_LAG_LIMIT_MS": "2000",
            "GATEWAY_DATA_DIR": str(data_dir / "gateway"),
            "DESK_DATA_DIR": str(data_dir),
            "DESK_URL": desk.url,
            "GATEWAY_SECRET": desk.secret,
            "SIP_TRUNK": f"127.0.0.1:{sip_port}",
            "SIP_CALLER_ID": "0312340000",
            "SIP_DOMAIN": "carrier.test",
            "RTP_PORTS": rtp_ports,
            **(settings or {}),
        }

    def start(self) -> None:
        assert self._process is None, "it is running"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with open(self.log_path, "ab") as output:
            self._process = subprocess.Popen(
                [*self._limits(), sys.executable, "-m", "softphone"],
                cwd=ROOT,
                env=self._environ,
                stdout=output,
                stderr=output,
            )

    def _limits(self) -> list[str]:
        if self._descriptors is None:
            return []
        return ["prlimit", f"--nofile={self._descriptors}:{self._descriptors}"]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE_S)
        self._process = None

    def stop(self) -> int:
        """SIGINT; the exit code."""
        assert self._process is not None
        process, self._process = self._process, None
        process.send_signal(signal.SIGINT)
        try:
            return process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    def drain(self) -> None:
        """SIGTERM: no new calls, and it leaves when those it has are over."""
        assert self._process is not None
        self._process.terminate()

    def wait(self) -> int:
        """The exit code of a process that ends by itself."""
        assert self._process is not None
        process, self._process = self._process, None
        return process.wait(PATIENCE_S)

    def end(self) -> None:
        """For teardown: leave nothing running."""
        if self._process is not None:
            self.kill()

    @property
    def log(self) -> str:
        return self.log_path.read_text("utf-8") if self.log_path.exists() else ""

    def log_lines(self) -> list[dict[str, object]]:
        """Every line as the JSON object it must be."""
        return [orjson.loads(line) for line in self.log.splitlines()]


def place_call(
    call_id: str,
    number: str,
    *,
    desk: FakeDesk,
    screening: ScreeningMode = ScreeningMode.OFF,
    ring_limit_s: float = 25.0,
    not_after_s: float = 600.0,
    campaign_id: int = 3,
    bridge_within_s: float = PATIENCE_S,
    trunk_id: str = "trunk1",
    record: bool = False,
    recording: str = "",
) -> PlaceCall:
    """A `PlaceCall`, on the only trunk, allowed for the next ten minutes of business time."""
    return PlaceCall(
        call_id=call_id,
        trunk_id=trunk_id,
        campaign_id=campaign_id,
        number=number,
        number_key=f"key of {number}",
        caller_id="",
        not_after=desk.now(plus_s=not_after_s),
        ring_limit_s=ring_limit_s,
        screening=screening,
        bridge_within_s=bridge_within_s,
        if_not_bridged=Prompt.SAFE_HARBOUR,
        record=record,
        recording=recording,
    )
