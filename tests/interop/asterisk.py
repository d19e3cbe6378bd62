"""Asterisk as the trunk, in the foreground on loopback, with the configuration in `peers/asterisk`.

    async with Asterisk.running(folder, gateway_port=20100) as pbx:
        await pbx.says("core show channels count")
        pbx.log

It is taken from PATH, or out of the folder named in ASTERISK_ROOT: a Debian system, or no more than
the unpacked packages (`tools/asterisk-root.sh` makes one). What is there is started by its own
loader with its own libraries, so that neither root nor a chroot is needed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from softphone.audio.g711 import encode
from softphone.audio.tones import tone
from softphone.audio.wav import to_pcm16
from tests.interop.certificates import make_certificate
from tests.interop.sipp_floor import free_ports
from tests.ports import free_tcp_port

TEMPLATES = Path(__file__).parent / "peers" / "asterisk"
PLAYED_HZ = 700


@dataclass(frozen=True)
class Installation:
    """How to start it, and where its modules and its documentation are."""

    command: tuple[str, ...]
    modules: Path
    data: Path


def find_asterisk() -> Installation | None:
    """The one of ASTERISK_ROOT, else the one of PATH."""
    named = os.environ.get("ASTERISK_ROOT", "")
    root = Path(named or "/")
    command = _unpacked(root) if named else _installed()
    modules = sorted(
        [*root.glob("usr/lib/asterisk/modules"), *root.glob("usr/lib/*/asterisk/modules")]
    )
    if not command or not modules:
        return None
    return Installation(command, modules[0], root / "usr/share/asterisk")


def _installed() -> tuple[str, ...]:
    program = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    return (program,) if program else ()


def _unpacked(root: Path) -> tuple[str, ...]:
    program, loaders = root / "usr/sbin/asterisk", sorted(root.glob("usr/lib/*/ld-linux-*.so.*"))
    if not program.exists() or not loaders:
        return ()
    path = f"{loaders[0].parent}:{root}/usr/lib"
    return str(loaders[0]), "--library-path", path, str(program)


class Asterisk:
    """One PBX; see the module."""

    def __init__(self, folder: Path, found: Installation, *, gateway_port: int) -> None:
        """`gateway_port`: of the gateway's first trunk, the others count up from it."""
        self.folder, self._found = folder, found
        self.port, rtp = free_ports(2)
        self.tls_port = free_tcp_port()
        self.certificate = folder / "certificate.pem"
        self.process: asyncio.subprocess.Process | None = None
        self._words = {
            "folder": folder,
            "modules": found.modules,
            "data": found.data,
            "port": self.port,
            "tls_port": self.tls_port,
            "certificate": self.certificate,
            "key": folder / "key.pem",
            "rtp": rtp,
            "rtp_end": rtp + 400,
            **{f"gateway_port_{index}": gateway_port + index for index in range(8)},
        }

    @classmethod
    @contextlib.asynccontextmanager
    async def running(
        cls, folder: Path, found: Installation, *, gateway_port: int
    ) -> AsyncIterator[Asterisk]:
        """Start it in an empty folder, wait until it is up, end it."""
        pbx = cls(folder, found, gateway_port=gateway_port)
        pbx.configure()
        await pbx.start()
        try:
            yield pbx
        finally:
            await pbx.end()

    def configure(self) -> None:
        """Write its files."""
        for name in ("var", "run", "log", "sounds"):
            (self.folder / name).mkdir(parents=True)
        make_certificate(self._words["key"], self.certificate)
        played = encode(to_pcm16(tone(PLAYED_HZ, 1500, level_dbfs=-12)), "PCMU")
        (self.folder / "sounds" / "tone.ulaw").write_bytes(played)
        for template in TEMPLATES.glob("*.conf"):
            text = template.read_text("utf-8")
            for name, value in self._words.items():
                text = text.replace("{{" + name + "}}", str(value))
            (self.folder / template.name).write_text(text, "utf-8")

    async def start(self) -> None:
        with (self.folder / "screen.log").open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *self._found.command, "-f", "-C", str(self.folder / "asterisk.conf"),
                cwd=self.folder, env=self._environ,
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        process = self.process
        for _ in range(60):
            if process.returncode is not None or "fully booted" in await self.says(
                "core waitfullybooted"
            ):
                break
        assert process.returncode is None, self.log[-2000:]

    async def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def end(self) -> None:
        if self.process is not None and self.process.returncode is None:
            await self.kill()

    async def says(self, command: str) -> str:
        """What it answers to a command of its console; "" while it is not there."""
        console = await asyncio.create_subprocess_exec(
            *self._found.command, "-C", str(self.folder / "asterisk.conf"), "-rx", command,
            cwd=self.folder, env=self._environ,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        output, _ = await console.communicate()
        return output.decode("utf-8", "replace") if console.returncode == 0 else ""

    @property
    def _environ(self) -> dict[str, str]:
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder)}

    @property
    def log(self) -> str:
        """What it noted, warned of and did."""
        path = self.folder / "log" / "full"
        written = path if path.exists() else self.folder / "screen.log"
        return written.read_text("utf-8", "replace")

    def heard(self, name: str) -> np.ndarray:
        """A recording of its dialplan: 8 kHz, 16 bit, without the header."""
        path = self.folder / f"{name}.wav"
        body = path.read_bytes()[44:] if path.exists() else b""
        return np.frombuffer(body[: len(body) // 2 * 2], np.int16)

    async def is_idle(self) -> None:
        """Wait until no channel of it is left."""
        for _ in range(100):
            if "0 active channels" in await self.says("core show channels count"):
                return
            await asyncio.sleep(0.1)  # pace: a console takes a while to answer
        raise AssertionError(await self.says("core show channels"))
