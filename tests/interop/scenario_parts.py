"""The pieces our SIPp scenarios are put together from: what the peer hears, and what it says.

A scenario is a function of `scenarios.py`; `python -m tests.interop.scenarios` writes each as an
XML file for SIPp. SIPp's variables: from, to, via, cseq, contact are what the last INVITE carried.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

Check = tuple[str, str]  # (regular expression, where: "msg", "body" or a header's name)

AUDIO = ("m=audio 6000 RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000", "a=rtpmap:101 telephone-event/8000")
FROM_PEER = "From:[$to];tag={tag}\nTo:[$from]\n"
_KEPT = ("From", "To", "Via", "CSeq", "Contact")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'


def sdp(
    *media: str, version: int = 1, host: str = "[media_ip]", extra: tuple[str, ...] = ()
) -> str:
    """A description of the peer; `media` are its m= sections line by line."""
    lines = ["v=0", f"o=peer 53655765 {version} IN IP4 [local_ip]", "s=-", f"c=IN IP4 {host}"]
    return "\n".join([*lines, "t=0 0", *extra, *(media or AUDIO)]) + "\n"


HOLD = sdp(*AUDIO, "a=sendonly", version=2)
RESUMED = sdp(*AUDIO, "a=sendrecv", version=3)


@dataclass
class Scenario:
    """One peer, from the INVITE it waits for to the end of the call."""

    name: str
    about: str
    tag: str = "peer[pid]"
    steps: list[str] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _kept: tuple[str, ...] = ()
    _checked: list[str] = field(default_factory=list)
    _cseq: int = 0

    @property
    def xml(self) -> str:
        names = ",".join([*self._kept, *self._checked])
        used = f'  <Reference variables="{names}"/>\n' if names else ""
        head = f'{_HEAD}<!-- {self.about} -->\n<scenario name="{self.name}">\n'
        return head + "".join(self.steps) + used + "</scenario>\n"

    # -- what the peer hears ---------------------------------------------------------------------

    def invited(self, *checks: Check) -> Scenario:
        """Wait for the INVITE and keep what answers must repeat."""
        self._kept = tuple(name.lower() for name in _KEPT)
        keep = "".join(
            f'      <ereg regexp=".*" search_in="hdr" header="{name}:"'
            f' assign_to="{name.lower()}"/>\n'
            for name in _KEPT
            if name != "Contact"
        )
        keep += (
            '      <ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:"'
            ' assign_to="contact"/>\n'
        )
        return self._receive('request="INVITE"', keep + self._checks(checks))

    def hears(self, method: str, *checks: Check) -> Scenario:
        """A request must come."""
        return self._receive(f'request="{method}"', self._checks(checks))

    def is_answered(self, code: int, *checks: Check) -> Scenario:
        """An answer to a request of the peer must come."""
        return self._receive(f'response="{code}"', self._checks(checks))

    def _receive(self, what: str, actions: str) -> Scenario:
        if actions:
            self.steps.append(f"  <recv {what}>\n    <action>\n{actions}    </action>\n  </recv>\n")
        else:
            self.steps.append(f"  <recv {what}/>\n")
        return self

    def _checks(self, checks: tuple[Check, ...]) -> str:
        actions = ""
        for pattern, where in checks:
            name = f"c{next(self._numbers)}"
            self._checked.append(name)
            place = (
                f'search_in="{where}"'
                if where in ("msg", "body")
                else f'search_in="hdr" header="{where}:"'
            )
            pattern = pattern.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
            actions += (
                f'      <ereg regexp="{pattern}" {place} check_it="true" assign_to="{name}"/>\n'
            )
        return actions

    # -- what the peer says ----------------------------------------------------------------------

    def pauses(self, ms: int) -> Scenario:
        self.steps.append(f'  <pause milliseconds="{ms}"/>\n')
        return self

    def says(
        self,
        code: int,
        phrase: str,
        *headers: str,
        body: str = "",
        tag: str = "",
        contact: str = "<sip:peer@[local_ip]:[local_port]>",
        kind: str = "application/sdp",
    ) -> Scenario:
        """An answer to the INVITE kept last; final ones are repeated until the ACK."""
        to = "" if code == 100 else f";tag={tag or self.tag}"
        head = f"Via:[$via]\nFrom:[$from]\nTo:[$to]{to}\n[last_Call-ID:]\nCSeq:[$cseq]\n"
        if contact:
            head += f"Contact: {contact}\n"
        return self._say(f"SIP/2.0 {code} {phrase}", head, headers, body, kind, again=code >= 200)

    def agrees(
        self, *headers: str, body: str = "", code: int = 200, phrase: str = "OK"
    ) -> Scenario:
        """An answer to the request that came last (BYE, PRACK, our re-INVITE, …)."""
        head = "[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n"
        head += "Contact: <sip:peer@[local_ip]:[local_port]>\n"
        return self._say(f"SIP/2.0 {code} {phrase}", head, headers, body, again=False)

    def asks(
        self,
        method: str,
        *headers: str,
        body: str = "",
        kind: str = "application/sdp",
        tag: str = "",
    ) -> Scenario:
        """A request of the peer inside the call."""
        self._cseq += 1
        return self._request(method, self._cseq, headers, body, kind, tag or self.tag)

    def acknowledges(self, *, body: str = "", branch: str = "[branch]") -> Scenario:
        """The ACK to the answer to our last INVITE; a refusal's goes with the INVITE's branch."""
        return self._request(
            "ACK", self._cseq, (), body, "application/sdp", self.tag, branch=branch
        )

    def _request(
        self,
        method: str,
        cseq: int,
        headers: tuple[str, ...],
        body: str,
        kind: str,
        tag: str,
        *,
        branch: str = "[branch]",
    ) -> Scenario:
        head = (
            f"Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}\n"
            f"Max-Forwards: 70\n{FROM_PEER.format(tag=tag)}"
            f"[last_Call-ID:]\nCSeq: {cseq} {method}\n"
            "Contact: <sip:peer@[local_ip]:[local_port]>\n"
        )
        line = f"{method} [$contact] SIP/2.0"
        return self._say(line, head, headers, body, kind, again=method != "ACK")

    def _say(
        self,
        line: str,
        head: str,
        headers: tuple[str, ...],
        body: str,
        kind: str = "application/sdp",
        *,
        again: bool,
    ) -> Scenario:
        text = f"{line}\n{head}" + "".join(f"{header}\n" for header in headers)
        if body:
            text += f"Content-Type: {kind}\nContent-Length: [len]\n\n{body}"
        else:
            text += "Content-Length: 0\n"
        retrans = ' retrans="500"' if again else ""
        self.steps.append(f"  <send{retrans}>\n    <![CDATA[\n{text}\n]]>\n  </send>\n")
        return self

    # -- whole passages --------------------------------------------------------------------------

    def rings(self) -> Scenario:
        return self.says(100, "Trying").says(180, "Ringing")

    def answers(self, *headers: str, body: str = "", tag: str = "") -> Scenario:
        """200, and the ACK to it."""
        return self.says(200, "OK", *headers, body=body or sdp(), tag=tag).hears("ACK")

    def is_hung_up(self, *checks: Check) -> Scenario:
        return self.hears("BYE", *checks).agrees()

    def hangs_up(self, *headers: str) -> Scenario:
        return self.asks("BYE", *headers).is_answered(200)

    def reinvites(self, body: str, *checks: Check, answer: str = "") -> Scenario:
        """A re-INVITE of the peer, our answer checked, its ACK (with `answer` as its body)."""
        return self.asks("INVITE", body=body).is_answered(200, *checks).acknowledges(body=answer)
