"""The carrier of `benchmarks.sip`: one SIPp whose every answer the called number decides.

The last digit of the number: see `Answer`. All branches are in one scenario, because a trunk is one
address. A 200 that is *lost* is sent again by SIPp after half a second, as RFC 3261 has it.
"""

from __future__ import annotations

import asyncio
import csv
import signal
from enum import IntEnum
from pathlib import Path

from tests.ports import free_udp_port


class Answer(IntEnum):
    """What the carrier does with a call, by the last digit of its number."""

    TALK = 0  # answered; ours is the BYE
    LOST_200 = 1  # answered, and one of five 200s is lost on the way
    BUSY = 2  # 180, 486
    NO_ANSWER = 3  # 180, until it is cancelled: 487
    UNKNOWN = 4  # 404
    FAILED = 5  # 503, nothing rang
    LEAVES = 6  # answered; the BYE is theirs


_HEAD = """\
[last_Via:]
[last_From:]
[last_To:];tag=[pid]P[call_number]
[last_Call-ID:]
"""
_CONTACT = "Contact: <sip:peer@[local_ip]:[local_port]>\n"
_SDP = """\
Content-Type: application/sdp
Content-Length: [len]

v=0
o=peer 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 6000 RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""
_EMPTY = "Content-Length: 0\n\n"


def _send(status: str, *, rest: str = _EMPTY, options: str = "", cseq: str = "[last_CSeq:]") -> str:
    text = f"\nSIP/2.0 {status}\n{_HEAD}{cseq}\n{_CONTACT}{rest}\n"
    return f"<send{options}><![CDATA[{text}]]></send>\n"


def _reply(status: str) -> str:
    """A response to a request in the dialog, whose To has its tag."""
    text = f"\nSIP/2.0 {status}\n{_HEAD}[last_CSeq:]\n{_EMPTY}\n".replace(
        ";tag=[pid]P[call_number]", ""
    )
    return f"<send><![CDATA[{text}]]></send>\n"


def _refuse(status: str, *, rings: bool) -> str:
    ringing = _send("180 Ringing") if rings else ""
    final = _send(status, options=' retrans="500"')
    return f'{ringing}{final}<recv request="ACK"/>\n'


def _answer(*, lost: bool) -> str:
    options = ' retrans="500" start_rtd="1"' + (' lost="20"' if lost else "")
    ok = _send("200 OK", rest=_SDP, options=options)
    return _send("180 Ringing") + ok + '<recv request="ACK" rtd="1"/>\n'


_OVER = '<nop next="99"/>\n'
_HUNG_UP = f'<recv request="BYE"/>\n{_reply("200 OK")}{_OVER}'
_LEAVE = """\
<send retrans="500"><![CDATA[

BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: [$to];tag=[pid]P[call_number]
To: [$from]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200"/>
"""

_BRANCHES = {
    Answer.TALK: _answer(lost=False) + _HUNG_UP,
    Answer.LOST_200: _answer(lost=True) + _HUNG_UP,
    Answer.BUSY: _refuse("486 Busy Here", rings=True) + _OVER,
    Answer.NO_ANSWER: (
        _send("180 Ringing")
        + '<recv request="CANCEL"/>\n'
        + _send("200 OK")
        + _send("487 Request Terminated", options=' retrans="500"', cseq="CSeq: [cseq] INVITE")
        + '<recv request="ACK"/>\n'
        + _OVER
    ),
    Answer.UNKNOWN: _refuse("404 Not Found", rings=False) + _OVER,
    Answer.FAILED: _refuse("503 Service Unavailable", rings=False) + _OVER,
    Answer.LEAVES: _answer(lost=False) + _LEAVE + _OVER,
}


def scenario() -> str:
    """The whole scenario as SIPp reads it."""
    find = '<ereg regexp="{}" search_in="hdr" header="{}:" assign_to="{}"/>\n'
    actions = find.format(".*", "To", "to") + find.format(".*", "From", "from")
    actions += "".join(
        f'<ereg regexp="{each.value}@" search_in="hdr" header="To:" assign_to="is{each.value}"/>\n'
        for each in Answer
    )
    jumps = "".join(f'<nop next="{each.value + 1}" test="is{each.value}"/>\n' for each in Answer)
    branches = "".join(
        f'<label id="{each.value + 1}"/>\n{text}' for each, text in _BRANCHES.items()
    )
    trying = _send("100 Trying")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
        '<scenario name="carrier">\n'
        f'<recv request="INVITE" rrs="true"><action>{actions}</action></recv>\n'
        f'{trying}{jumps}{branches}<label id="99"/>\n</scenario>\n'
    )


class Carrier:
    """One SIPp process in `folder`; it inherits the processor it may run on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_udp_port()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        (self._folder / "carrier.xml").write_text(scenario(), "utf-8")
        self._process = await asyncio.create_subprocess_exec(
            *("sipp", "-sf", "carrier.xml", "-i", "127.0.0.1", "-p", str(self.port)),
            *("-nostdin", "-trace_stat", "-stf", "sipp.csv", "-fd", "1"),
            *("-trace_rtt", "-rtt_freq", "50", "-trace_err", "-error_file", "sipp.errors"),
            cwd=self._folder,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def stop(self) -> None:
        """Let it write what it has counted, then end it."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGUSR1)
        try:
            await asyncio.wait_for(self._process.wait(), 8)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    def counts(self) -> tuple[int, int, int]:
        """Calls it has seen to their end, calls that failed in its eyes, calls still open."""
        with open(self._folder / "sipp.csv", encoding="utf-8") as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        names = ("SuccessfulCall(C)", "FailedCall(C)", "CurrentCall")
        good, bad, still = (int(last[name]) for name in names)
        return good, bad, still

    def answer_delays_ms(self) -> list[float]:
        """From each 200 SIPp sent to our ACK, oldest first."""
        delays = []
        for path in sorted(self._folder.glob("carrier_*_rtt.csv")):
            for line in path.read_text("utf-8").splitlines()[1:]:
                delays.append(float(line.split(";")[1]))
        return delays
