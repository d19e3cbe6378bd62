"""baresip as the customer's phone, headless: it answers by itself, hums, and keeps what it hears.

    async with Baresip.running(folder, user="09012300001", hz=700) as phone:
        await phone.command("sndcode", "5")   # also hold, resume, hangup
        phone.heard_dbfs(440)

The tone comes from its `ausine` module, what it decodes goes through `sndfile` into a WAV file, and
`ctrl_tcp` takes commands as netstrings of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from softphone.audio.tones import tone_dbfs
from tests.interop.sipp_floor import free_ports
from tests.ports import free_tcp_port, listens, port_is_bound
from tests.waiting import await_until

MODULES = Path("/usr/lib/baresip/modules")
_CONFIGURATION = """\
poll_method epoll
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
audio_player aubridge,sink
audio_source ausine,{hz}
audio_alert aubridge,alert
ausrc_srate 48000
ausrc_channels 2
rtp_ports {rtp}-{rtp_end}
module_path {modules}
module g711.so
module ausine.so
module aubridge.so
module sndfile.so
module srtp.so
module_tmp uuid.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
snd_path {sounds}
"""


class Baresip:
    """One phone; see the module."""

    def __init__(self, folder: Path, *, port: int, reader: asyncio.StreamReader) -> None:
        self.folder, self.port = folder, port
        self.events: list[dict[str, object]] = []
        self._reader = reader
        self._writer: asyncio.StreamWriter | None = None

    @classmethod
    @contextlib.asynccontextmanager
    async def running(
        cls, folder: Path, *, user: str, hz: int, dtmf: str = "rtpevent", srtp: str = ""
    ) -> AsyncIterator[Baresip]:
        """Start it in an empty folder, wait until it listens, end it. `dtmf`: rtpevent or info;
        `srtp`: srtp (RTP/AVP with a key) or srtp-mand (RTP/SAVP)."""
        (port, rtp), control = free_ports(2), free_tcp_port()
        words = {"port": port, "hz": hz, "rtp": rtp, "rtp_end": rtp + 40, "control": control}
        text = _CONFIGURATION.format(modules=MODULES, sounds=folder, **words)
        (folder / "config").write_text(text, "utf-8")
        account = f"<sip:{user}@127.0.0.1>;regint=0;answermode=auto;dtmfmode={dtmf}"
        account += f";mediaenc={srtp}" if srtp else ""
        (folder / "accounts").write_text(f"{account}\n", "utf-8")
        with (folder / "baresip.log").open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(folder), cwd=folder,
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            await await_until(
                lambda: (
                    process.returncode is not None or (port_is_bound(port) and listens(control))
                ),
            )
            log = (folder / "baresip.log").read_text("utf-8", "replace")
            assert process.returncode is None, log
            reader, writer = await asyncio.open_connection("127.0.0.1", control)
            phone = cls(folder, port=port, reader=reader)
            phone._writer = writer
            listening = asyncio.create_task(phone._listen())
            yield phone
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
            writer.close()
        finally:
            if process.returncode is None:
                process.kill()  # asked politely, it would wait for an answer to its BYE
                await process.wait()

    @property
    def log(self) -> str:
        return (self.folder / "baresip.log").read_text("utf-8", "replace")

    async def command(self, name: str, params: str = "") -> None:
        """One command of its menu."""
        assert self._writer is not None
        text = json.dumps({"command": name, "params": params, "token": name})
        self._writer.write(f"{len(text)}:{text},".encode())
        await self._writer.drain()

    async def _listen(self) -> None:
        """Its events and answers, as they come."""
        while True:
            length = await self._reader.readuntil(b":")
            text = await self._reader.readexactly(int(length[:-1]))
            await self._reader.readexactly(1)
            self.events.append(json.loads(text))

    def samples(self, ms: int = 400) -> np.ndarray:
        """The last of what it decoded: 8 kHz, 16 bit; the header is read past, for it is written
        when the file is closed."""
        found = sorted(self.folder.glob("dump-*-dec.wav"))
        if not found:
            return np.zeros(0, np.int16)
        body = found[-1].read_bytes()[44:]
        whole = np.frombuffer(body[: len(body) // 2 * 2], np.int16)
        return whole[-8 * ms :]

    @property
    def receiving(self) -> bool:
        """Whether its status line says that about 50 packets of G.711 a second arrive now."""
        rates = re.findall(r"audio=[0-9]+/([0-9]+) \(bit/s\)", self.log)
        return bool(rates) and int(rates[-1]) > 50_000

    def heard_dbfs(self, hz: float) -> float:
        return tone_dbfs(self.samples(), hz)

    def hears_only(self, hz: float, *, but_not: float) -> bool:
        """Judged on the same sound. To be waited for: where the sound stutters, a tone is heard a
        little at every frequency, but one that is really there is there at any time."""
        samples = self.samples()
        return tone_dbfs(samples, hz) > -20 and tone_dbfs(samples, but_not) < -40
