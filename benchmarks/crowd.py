"""Pages that are merely open: logged in, connected, beating; held by a process of their own."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path

from tests.operator_client import OperatorClient

ROOT = Path(__file__).resolve().parent.parent
SIGNING_IN_AT_ONCE = 8
BEAT_S = 5.0


async def open_pages(pages: Sequence[OperatorClient]) -> None:
    """Log in and connect them all, then tell the process that waits in `start`."""
    door = asyncio.Semaphore(SIGNING_IN_AT_ONCE)

    async def come(page: OperatorClient) -> None:
        async with door:
            await page.sign_in()
            await page.connect(beat_s=BEAT_S)

    await asyncio.gather(*(come(page) for page in pages))
    print("ready", flush=True)


async def start(benchmark: str, url: str, names: Sequence[str]) -> Process:
    """`python -m <benchmark> --crowd <url> <names>`, when all its pages are open."""
    crowd = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", benchmark, "--crowd", url, *names),
        cwd=ROOT,
        stdin=PIPE,
        stdout=PIPE,
    )
    assert crowd.stdout is not None
    assert await crowd.stdout.readline() == b"ready\n"
    return crowd
