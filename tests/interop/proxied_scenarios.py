"""Three peers that stand behind a proxy: every Via and Record-Route is repeated as it came."""

from __future__ import annotations

from tests.interop.scenario_parts import Scenario, sdp

# Every Via of the INVITE: the CANCEL comes from the proxy itself and has but one.
_KEEP_WAY = (
    '      <ereg regexp="(Via:.*)Max-Forwards" search_in="msg" check_it="true"'
    ' assign_to="whole,way"/>\n'
    '      <ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>\n'
)


class Proxied(Scenario):
    """Answers to the INVITE name the way back through all proxies."""

    def replies(self, code: int, phrase: str, *, body: str = "", method: str = "INVITE") -> Proxied:
        tag = "" if method == "BYE" else f";tag={self.tag}"
        head = f"[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:]{tag}\n"
        head += f"[last_Call-ID:]\nCSeq: [cseq] {method}\n"
        head += "Contact: <sip:peer@[local_ip]:[local_port]>\n"
        self._say(f"SIP/2.0 {code} {phrase}", head, (), body, again=code >= 200 and method != "BYE")
        return self


def answers() -> Scenario:
    """Rings, answers, is hung up on along the recorded route."""
    scenario = Proxied(
        "answers", "Behind a proxy: answers, and is hung up on.", tag="[pid]a[call_number]"
    )
    scenario.hears("INVITE").replies(180, "Ringing").replies(200, "OK", body=sdp())
    return scenario.hears("ACK").hears("BYE").replies(200, "OK", method="BYE")


def refuses() -> Scenario:
    """Is busy."""
    scenario = Proxied("refuses", "Behind a proxy: is busy.", tag="[pid]b[call_number]")
    scenario.hears("INVITE").replies(180, "Ringing").replies(486, "Busy Here")
    return scenario.hears("ACK")


def rings() -> Scenario:
    """Rings until it is cancelled, by the caller or because another place answered."""
    scenario = Proxied("rings", "Behind a proxy: rings until cancelled.", tag="[pid]c[call_number]")
    scenario._receive('request="INVITE"', _KEEP_WAY).replies(180, "Ringing").hears("CANCEL")
    scenario.steps.append(
        "  <send>\n    <![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n"
        "[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]>\n  </send>\n"
    )
    scenario.steps.append(
        '  <send retrans="500">\n    <![CDATA[\nSIP/2.0 487 Request Terminated\n'
        "[$way]From:[$from]\n"
        f"[last_To:];tag={scenario.tag}\n[last_Call-ID:]\nCSeq: [cseq] INVITE\n"
        "Content-Length: 0\n\n]]>\n  </send>\n"
    )
    scenario._checked += ["whole", "way", "from"]
    return scenario.hears("ACK")
