"""Every scenario a SIPp peer plays against the gateway; the XML files beside are written from here.

    python -m tests.interop.scenarios

The peer's side of each call is told in order. What the desk must hear of it stands in
`exercises.py` under the same name.
"""

from __future__ import annotations

from pathlib import Path

from tests.interop.scenario_parts import AUDIO, HOLD, RESUMED, Scenario, sdp

FOLDER = Path(__file__).parent / "sipp"
CAUSE = 'Reason: Q.850;cause={};text="said the switch"'
DIGEST = 'Digest realm="carrier, test", nonce="{}", algorithm=MD5, qop="auth,auth-int", opaque="o"'
TIMER = "Require: timer\nSession-Expires: {}"
WITH_UPDATE = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE, OPTIONS"
OPEN_RIGHTLY = ("a=recvonly", "body")

REFUSALS = {
    302: ("Moved Temporarily", 23),
    403: ("Forbidden", 21),
    404: ("Not Found", 1),
    408: ("Request Timeout", 18),
    410: ("Gone", 22),
    480: ("Temporarily Unavailable", 19),
    484: ("Address Incomplete", 28),
    486: ("Busy Here", 17),
    488: ("Not Acceptable Here", 88),
    500: ("Server Internal Error", 41),
    503: ("Service Unavailable", 34),
    600: ("Busy Everywhere", 17),
    603: ("Decline", 21),
    604: ("Does Not Exist Anywhere", 1),
}


def refusals() -> list[Scenario]:
    """Every class of final refusal, with its Q.850 cause."""
    found = []
    for code, (phrase, cause) in REFUSALS.items():
        extra = {302: "<sip:elsewhere@127.0.0.1:9>"}.get(code, "")
        scenario = Scenario(f"refused_{code}", f"Rings, then refuses with {code} and a cause.")
        scenario.invited().rings().says(code, phrase, CAUSE.format(cause), contact=extra)
        found.append(scenario.hears("ACK"))
    return found


def answers() -> list[Scenario]:
    """Ways to be answered, and to end."""
    name = Scenario(
        "answered_then_hung_up_by_us", "Early media, ringing, an answer; waits for BYE."
    )
    ours = name.invited().says(100, "Trying").says(183, "Session Progress", body=sdp())
    ours.says(180, "Ringing").answers().is_hung_up(("cause=16", "Reason"))

    theirs = Scenario("answered_then_hung_up_by_peer", "Answers and hangs up with a cause.")
    theirs.invited().rings().answers().hangs_up(CAUSE.format(16))

    bare = Scenario(
        "answered_without_ringing", "200 straight away, no provisional response at all."
    )
    bare.invited().answers().hangs_up(CAUSE.format(16))

    late = Scenario("answered_late", "Trying, and nothing more for two and a half seconds.")
    late.invited().says(100, "Trying").pauses(2500).answers().hangs_up()

    silent = Scenario("answered_without_audio", "Answers with video alone: ACK, then BYE at once.")
    silent.invited().rings().says(200, "OK", body=sdp("m=video 6000 RTP/AVP 31"))
    silent.hears("ACK").is_hung_up(("cause=488", "Reason"))

    early = Scenario("early_media_then_failure", "An announcement in early media, then 404.")
    early.invited().says(183, "Session Progress", body=sdp()).pauses(300)
    early.says(404, "Not Found", CAUSE.format(1)).hears("ACK")

    moved = Scenario(
        "early_media_changed_by_update", "Moves its early media by UPDATE, then answers."
    )
    moved.invited().says(183, "Session Progress", WITH_UPDATE, body=sdp())
    moved.asks("UPDATE", body=sdp("m=audio 6002 RTP/AVP 0", version=2)).is_answered(
        200, ("m=audio", "body")
    )
    moved.answers(body=sdp("m=audio 6002 RTP/AVP 0", version=2)).hangs_up()
    return [ours, theirs, bare, late, silent, early, moved]


def cancellations() -> list[Scenario]:
    """CANCEL and its races."""
    unanswered = Scenario("cancelled_at_the_ring_limit", "Rings until it is cancelled.")
    unanswered.invited().rings().hears("CANCEL").agrees()
    unanswered.says(487, "Request Terminated", contact="").hears("ACK")

    waiting = Scenario("cancelled_before_trying", "Silent at first: no CANCEL before the 100.")
    waiting.invited().pauses(700).says(100, "Trying").hears("CANCEL").agrees()
    waiting.says(487, "Request Terminated", contact="").hears("ACK")

    crossed = Scenario("answer_crosses_cancel", "Answers although CANCEL came: ACK, then BYE.")
    crossed.invited().rings().hears("CANCEL").agrees().answers().is_hung_up()

    busy = Scenario("busy_crosses_cancel", "Says 486 although CANCEL came.")
    busy.invited().rings().hears("CANCEL").agrees().says(486, "Busy Here").hears("ACK")
    return [unanswered, waiting, crossed, busy]


def forks() -> list[Scenario]:
    """A trunk that tries several places at once."""
    one = Scenario("forked_one_answers", "Rings under two tags, answers under the second.")
    one.invited().says(180, "Ringing", tag="one").says(180, "Ringing", tag="two")
    one.tag = "two"
    one.answers(tag="two").hangs_up()

    both = Scenario("forked_both_answer", "Answers under two tags: the second is hung up at once.")
    both.tag = "one"
    both.invited().says(180, "Ringing", tag="one").says(
        183, "Session Progress", tag="two", body=sdp()
    )
    both.answers(tag="one").says(200, "OK", body=sdp(), tag="two").hears("ACK", ("tag=two", "To"))
    both.hears("BYE", ("tag=two", "To")).agrees().hangs_up()

    none = Scenario("forked_none_answers", "Rings under three tags and refuses under a fourth.")
    none.invited()
    for tag in ("one", "two", "three"):
        none.says(180, "Ringing", tag=tag)
    none.says(480, "Temporarily Unavailable", CAUSE.format(19), tag="four").hears("ACK")
    return [one, both, none]


def challenges() -> list[Scenario]:
    """Digest in all its moods."""

    def challenged(name: str, about: str, code: int = 401) -> Scenario:
        header = "WWW" if code == 401 else "Proxy"
        scenario = Scenario(name, about)
        scenario.invited().says(
            code, "Unauthorized", f"{header}-Authenticate: {DIGEST.format('first')}"
        )
        return scenario.hears("ACK")

    web = challenged(
        "challenged_401", "Challenges once, then answers; looks at every header again."
    )
    web.invited(
        ('response="[0-9a-f]{32}"', "Authorization"), ("sip:0312340000@", "P-Asserted-Identity")
    )
    web.rings().answers().hangs_up()

    proxy = challenged("challenged_407", "A proxy's challenge.", 407)
    proxy.invited(("nc=00000001", "Proxy-Authorization")).rings().answers().hangs_up()

    stale = challenged(
        "challenged_stale_nonce", "Says that the nonce is stale: another try at once."
    )
    stale.invited(('nonce="first"', "Authorization"))
    stale.says(401, "Unauthorized", f"WWW-Authenticate: {DIGEST.format('second')}, stale=true")
    stale.hears("ACK").invited(('nonce="second"', "Authorization")).rings().answers().hangs_up()

    wrong = challenged("challenged_wrong_password", "Refuses the answer as well: no third INVITE.")
    wrong.invited().says(401, "Unauthorized", f"WWW-Authenticate: {DIGEST.format('second')}")
    wrong.hears("ACK")

    both = challenged("challenged_by_proxy_and_carrier", "407 of a proxy, then 401 behind it.", 407)
    both.invited(('realm="carrier, test"', "Proxy-Authorization"))
    both.says(401, "Unauthorized", 'WWW-Authenticate: Digest realm="inner", nonce="n"').hears("ACK")
    inner = ("Authorization: Digest username=.trunk., realm=.inner", "msg")
    both.invited(inner, ("nonce=", "Proxy-Authorization"))
    both.rings().answers().hangs_up()

    leaving = Scenario("challenged_on_bye", "Challenges our BYE.")
    leaving.invited().rings().answers().hears("BYE")
    leaving.agrees(
        f"Proxy-Authenticate: {DIGEST.format('b')}",
        code=407,
        phrase="Proxy Authentication Required",
    )
    leaving.is_hung_up(('nonce="b"', "Proxy-Authorization"))
    return [web, proxy, stale, wrong, both, leaving]


def routes() -> list[Scenario]:
    """Proxies in between."""
    hop = "<sip:[local_ip]:[local_port];lr;hop={}>"
    loose = Scenario("record_routed", "Behind two recording proxies, with another Contact.")
    route = f"Record-Route: {hop.format(2)}, {hop.format(1)}"
    far = '"far" <sip:line-7@127.0.0.1:9;transport=UDP>'
    loose.invited().says(180, "Ringing", route, contact=far)
    loose.says(200, "OK", route, body=sdp(), contact=far)
    order = ("hop=1.*Route:.*hop=2", "msg")
    loose.hears("ACK", ("^ACK sip:line-7@127.0.0.1:9;transport=UDP SIP", "msg"), order)
    loose.is_hung_up(("^BYE sip:line-7@127.0.0.1:9;transport=UDP SIP", "msg"), order)

    strict = Scenario("strictly_routed", "Behind a strict router: its URI is the Request-URI.")
    old = "Record-Route: <sip:[local_ip]:[local_port];old>"
    strict.invited().says(200, "OK", old, body=sdp(), contact=far)
    strict.hears("ACK", ("^ACK sip:[^ ]*;old SIP", "msg"), ("line-7", "Route"))
    strict.is_hung_up(("^BYE sip:[^ ]*;old SIP", "msg"), ("line-7", "Route"))
    return [loose, strict]


def talking(name: str, about: str, *headers: str) -> Scenario:
    """A peer that has rung and answered."""
    return Scenario(name, about).invited().rings().answers(*headers)


def media() -> list[Scenario]:
    """re-INVITEs: hold, new codecs, new addresses."""
    hold = talking("held_and_resumed", "Puts us on hold (sendonly) and takes us back.")
    hold.reinvites(HOLD, OPEN_RIGHTLY).reinvites(RESUMED, ("a=sendrecv", "body")).hangs_up()

    zero = talking("held_by_no_address", "Holds in the old way, with c=0.0.0.0.")
    zero.reinvites(sdp(version=2, host="0.0.0.0"), OPEN_RIGHTLY).reinvites(RESUMED).hangs_up()

    dead = talking("held_both_ways", "Stops audio both ways (inactive).")
    dead.reinvites(sdp(*AUDIO, "a=inactive", version=2), ("a=inactive", "body")).hangs_up()

    late = talking("reinvited_without_offer", "Asks for our offer and answers it in its ACK.")
    late.reinvites("", ("RTP/AVP 0 8 101", "body"), ("a=sendrecv", "body"), answer=HOLD).hangs_up()

    video = talking(
        "reinvited_with_video_alone", "Offers what we cannot do: 488, the call goes on."
    )
    video.asks("INVITE", body=sdp("m=video 6000 RTP/AVP 31", version=2)).is_answered(488)
    video.acknowledges(branch="[branch-2]").pauses(100).hangs_up()

    added = talking("reinvited_with_video_too", "Adds video to the audio: video is declined.")
    both = sdp(*AUDIO, "m=video 6004 RTP/AVP 31", version=2)
    added.reinvites(both, ("m=video 0 RTP/AVP", "body")).hangs_up()

    codec = talking("codec_changed", "Offers the other codec alone.")
    codec.reinvites(
        sdp("m=audio 6000 RTP/AVP 8 101", AUDIO[2], version=2), ("RTP/AVP 8 101", "body")
    ).hangs_up()

    moved = talking(
        "media_moved", "Sends us to another host for audio, as Asterisk's direct media."
    )
    moved.reinvites(sdp(version=2, host="127.0.0.9"), ("m=audio", "body")).hangs_up()

    return [hold, zero, dead, late, video, added, codec, moved]


def refused_offers() -> list[Scenario]:
    """Offers that come at the wrong moment or want too much."""
    glare = talking(
        "offers_crossed", "A second offer before it has answered ours: 491.", WITH_UPDATE
    )
    glare.asks("INVITE").is_answered(200)
    glare.asks("UPDATE", body=HOLD).is_answered(491)
    glare._cseq -= 1
    glare.acknowledges(body=sdp(version=2))
    glare._cseq += 1
    glare.hangs_up()

    strange = talking("extension_required", "Requires what we do not have.")
    strange.asks("INVITE", "Require: precondition", body=HOLD)
    strange.is_answered(420, ("precondition", "Unsupported")).acknowledges(branch="[branch-2]")
    strange.pauses(100).hangs_up()

    return [glare, strange]


def descriptions() -> list[Scenario]:
    """Odd, long and many-parted, and still to be read."""
    odd = Scenario("odd_description", "PCMA first, comfort noise, ptime 30, event 96, extra lines.")
    lines = (
        "i=line 7",
        "b=AS:64",
        "a=group:BUNDLE 0",
        "m=image 0 udptl t38",
        "m=audio 6000 RTP/AVP 8 0 13 96",
        "c=IN IP4 [media_ip]",
        "b=TIAS:64000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:0 PCMU/8000/1",
        "a=rtpmap:13 CN/8000",
        "a=rtpmap:96 telephone-event/8000",
        "a=fmtp:96 0-16",
        "a=ptime:30",
        "a=maxptime:150",
        "a=silenceSupp:off - - - -",
        "a=rtcp:6001",
    )
    odd.invited().rings().answers(body=sdp(*lines)).hangs_up()

    parts = Scenario("answer_in_parts", "SIP-I: the description is one part of the body.")
    isup = "--b\nContent-Type: application/isup;version=itu-t92+\n\n06014a\n"
    mixed = f"{isup}--b\nContent-Type: application/sdp\n\n{sdp()}--b--\n"
    parts.invited().rings()
    parts.says(200, "OK", body=mixed, kind="multipart/mixed;boundary=b").hears("ACK").hangs_up()

    long = Scenario("long_messages", "Answers of eight thousand octets.")
    padding = "\n".join(f"X-Padding-{number}: {'x' * 96}" for number in range(70))
    long.invited().says(183, "Session Progress", padding, body=sdp())
    long.answers(padding).hangs_up(padding)
    return [odd, parts, long]


def sessions() -> list[Scenario]:
    """Session timers (RFC 4028), and refreshes that collide."""
    ours = Scenario("refreshed_by_us", "Leaves the refreshing to us: a re-INVITE with our offer.")
    ours.invited().rings().answers(TIMER.format("4;refresher=uac"))
    ours.hears("INVITE", ("4;refresher=uac", "Session-Expires"), ("m=audio", "body"))
    ours.agrees(TIMER.format("4;refresher=uac"), body=sdp()).hears("ACK").hangs_up()

    update = Scenario("refreshed_by_update", "The same with a peer that takes UPDATE: no offer.")
    update.invited().rings().answers(TIMER.format("4;refresher=uac"), WITH_UPDATE)
    update.hears("UPDATE", ("4;refresher=uac", "Session-Expires"))
    update.agrees(TIMER.format("4;refresher=uac")).hangs_up()

    peer = Scenario("refreshed_by_peer", "Refreshes by UPDATE without SDP and by re-INVITE.")
    peer.invited().rings().answers(TIMER.format("90;refresher=uas"), WITH_UPDATE)
    wanted = ("Supported: timer", "Session-Expires: 90;refresher=uac")
    granted = ("90;refresher=uac", "Session-Expires")
    peer.asks("UPDATE", *wanted).is_answered(200, granted)
    peer.asks("INVITE", *wanted, body=sdp()).is_answered(200, granted).acknowledges()
    peer.asks("UPDATE", "Session-Expires: 20").is_answered(422, ("90", "Min-SE")).hangs_up()

    dead = Scenario("never_refreshed", "Promises to refresh and does not: we hang up.")
    dead.invited().rings().answers(TIMER.format("3;refresher=uas"))
    dead.is_hung_up(("cause=408", "Reason"))

    short = Scenario("interval_too_short", "Wants a longer session: 422, then the INVITE again.")
    short.invited().says(422, "Session Interval Too Small", "Min-SE: 3600").hears("ACK")
    short.invited(("^ *3600", "Session-Expires"), ("3600", "Min-SE"))
    short.rings().answers(TIMER.format("3600;refresher=uac")).hangs_up()

    theirs = Scenario("refresh_refused_by_491", "Answers our refresh by 491: again a little later.")
    theirs.invited().rings().answers(TIMER.format("12;refresher=uac"))
    theirs.hears("INVITE").agrees(code=491, phrase="Request Pending").hears("ACK")
    theirs.hears("INVITE").agrees(TIMER.format("90;refresher=uac"), body=sdp()).hears(
        "ACK"
    ).hangs_up()

    crossing = Scenario(
        "refreshes_crossed", "Sends its re-INVITE while ours is out: 491 both ways."
    )
    crossing.invited().rings().answers(TIMER.format("12;refresher=uac"))
    crossing.hears("INVITE").asks("INVITE", body=HOLD).is_answered(491)
    crossing.acknowledges(branch="[branch-2]")
    crossing.asks("INFO").is_answered(200).hangs_up()
    return [ours, update, peer, dead, short, theirs, crossing]


def reliable_responses() -> list[Scenario]:
    """100rel and its PRACKs."""
    reliable = "Require: 100rel\nRSeq: {}"
    prack = Scenario("reliable_ringing", "Rings reliably and waits for its PRACK.")
    prack.invited(("100rel", "Supported")).says(180, "Ringing", reliable.format(7))
    prack.hears("PRACK", ("7 [0-9]* INVITE", "RAck")).agrees().answers().is_hung_up()

    twice = Scenario(
        "reliable_early_media", "183 with SDP and 180, both reliable; 200 without SDP."
    )
    twice.invited().says(183, "Session Progress", reliable.format(900), body=sdp())
    twice.hears("PRACK", ("900 ", "RAck")).agrees().says(180, "Ringing", reliable.format(901))
    twice.hears("PRACK", ("901 ", "RAck")).agrees().says(200, "OK").hears("ACK").hangs_up()

    gap = Scenario("reliable_out_of_order", "A response overtook another: no PRACK for it yet.")
    gap.invited().says(180, "Ringing", reliable.format(1)).hears("PRACK", ("1 ", "RAck")).agrees()
    gap.says(183, "Session Progress", reliable.format(3), body=sdp())
    gap.says(183, "Session Progress", reliable.format(2), body=sdp())
    gap.hears("PRACK", ("2 ", "RAck")).agrees()
    gap.answers().hangs_up()

    return [prack, twice, gap]


def requests() -> list[Scenario]:
    """What a peer may ask inside a call, wanted or not."""
    asked = Scenario(
        "asked_this_and_that", "OPTIONS, NOTIFY, MESSAGE, INFO, SUBSCRIBE in the call."
    )
    asked.invited().rings().answers()
    asked.asks("OPTIONS").is_answered(200, ("UPDATE", "Allow"))
    asked.asks("NOTIFY", "Event: message-summary", "Subscription-State: active").is_answered(481)
    asked.asks("MESSAGE", body="hello\n", kind="text/plain").is_answered(405)
    asked.asks("INFO", "Info-Package: x").is_answered(469)
    asked.asks("SUBSCRIBE", "Event: dialog").is_answered(405)
    asked.asks("FROBNICATE").is_answered(501).hangs_up()

    keys = Scenario("keys_by_info", "Sends keys by INFO, as PBXs do.")
    keys.invited().rings().answers()
    for key in "15#":
        body = f"Signal={key}\nDuration=160\n"
        keys.asks("INFO", body=body, kind="application/dtmf-relay").is_answered(200)
    keys.hangs_up()

    thief = Scenario("transfers_us", "Would send us elsewhere by REFER: refused, the call goes on.")
    thief.invited().rings().answers()
    thief.asks("REFER", "Refer-To: <sip:premium@127.0.0.1:9>").is_answered(603).hangs_up()

    return [asked, keys, thief]


def transfers() -> list[Scenario]:
    """REFER of ours."""
    taken = Scenario("transfer_taken", "Takes the call over: REFER, NOTIFYs, and our BYE.")
    taken.invited().rings().answers()
    taken.hears("REFER", ("sip:0312345678@carrier.test", "Refer-To"))
    taken.agrees(code=202, phrase="Accepted")
    taken.asks(
        "NOTIFY",
        "Event: refer",
        "Subscription-State: active;expires=60",
        body="SIP/2.0 100 Trying\n",
        kind="message/sipfrag;version=2.0",
    ).is_answered(200)
    taken.asks(
        "NOTIFY",
        "Event: refer",
        "Subscription-State: terminated;reason=noresource",
        body="SIP/2.0 200 OK\n",
        kind="message/sipfrag;version=2.0",
    ).is_answered(200)
    taken.is_hung_up()

    kept = Scenario("transfer_refused", "Will not take the call over: it goes on.")
    kept.invited().rings().answers().hears("REFER").agrees(code=603, phrase="Decline")
    kept.pauses(200).hangs_up()
    return [taken, kept]


def switches() -> list[Scenario]:
    """What the PBXs in use do, in one call each, as their traces and manuals show it."""
    asterisk = Scenario("as_asterisk", "As Asterisk: its headers, T.38, REFER to us, no cause yet.")
    named = ("Server: Asterisk", "P-Asserted-Identity: <sip:line@[local_ip]>")
    asterisk.invited(("100rel", "Supported")).says(100, "Trying", *named)
    asterisk.answers(*named, "Supported: 100rel, timer, replaces, norefersub", WITH_UPDATE)
    line = 'Remote-Party-ID: "Sales \\"A\\", Osaka" <sip:0661234567@[local_ip]>;party=called'
    asterisk.asks("UPDATE", line, "Supported: timer").is_answered(200)
    fax = ("m=image 4425 udptl t38", "a=T38FaxVersion:0", "a=T38FaxUdpEC:t38UDPRedundancy")
    asterisk.asks("INVITE", body=sdp(*fax, version=2)).is_answered(488)
    asterisk.acknowledges(branch="[branch-2]").pauses(100)
    refer = ("Event: refer", "Refer-To: sip:elsewhere@127.0.0.1:9", "Referred-By: <sip:[local_ip]>")
    asterisk.asks("REFER", *refer).is_answered(603).hangs_up("Reason: Q.850;cause=0")

    free = Scenario("as_freeswitch", "As FreeSWITCH: three descriptions, odd payloads, INFO keys.")
    odd = (
        "m=audio 6000 RTP/AVP 0 101 102 13",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=rtpmap:102 telephone-event/16000",
        "a=rtpmap:13 CN/8000",
        "a=rtcp-mux",
        "a=rtcp:6000 IN IP4 [media_ip]",
        "a=ptime:20",
    )
    events = "Allow-Events: talk, hold, conference, presence, as-feature-event, dialog, refer"
    shown = 'P-Asserted-Identity: "Outbound Call" <sip:0312340000@[local_ip]>'
    free.invited().says(100, "Trying", events).says(
        183, "Session Progress", shown, events, body=sdp(*odd)
    )
    free.says(180, "Ringing", shown, events)
    free.answers(
        "X-FS-Support: update_display,send_info", shown, WITH_UPDATE, body=sdp(*odd, version=2)
    )
    free.asks("UPDATE", "X-FS-Display-Name: 営業", "X-FS-Display-Number: 0661234567", shown)
    free.is_answered(200)
    relay = "application/dtmf-relay"
    free.asks("INFO", body="Signal=5\nDuration=160\n", kind=relay).is_answered(200)
    free.asks("INFO", body="From: <sip:a@b>\n", kind="message/update_display").is_answered(200)
    refresh = ("Supported: timer", "Require: timer", "Session-Expires: 120;refresher=uac")
    free.asks("INVITE", *refresh, "Min-SE: 120", events, body=sdp(*odd, version=2))
    free.is_answered(200, ("120;refresher=uac", "Session-Expires")).acknowledges()
    free.asks("OPTIONS", "Accept: application/sdp", events).is_answered(200)
    free.hangs_up('Reason: Q.850;cause=16;text="NORMAL_CLEARING"', "X-RTP-Stat: NQ=100;MOS=4.50")
    return [asterisk, free]


def streams() -> list[Scenario]:
    """The same over TCP: nothing of ours is sent twice, and messages may be of any length."""
    ours = Scenario("over_tcp_hung_up_by_us", "Over TCP: answers, waits for BYE.")
    ours.invited().rings().answers().is_hung_up()

    theirs = Scenario("over_tcp_held", "Over TCP: holds, is asked this and that, hangs up.")
    theirs.invited().rings().answers().reinvites(HOLD, OPEN_RIGHTLY)
    theirs.asks("OPTIONS").is_answered(200).asks("INFO").is_answered(200).hangs_up()

    busy = Scenario("over_tcp_refused", "Over TCP: refuses.")
    busy.invited().rings().says(486, "Busy Here", CAUSE.format(17)).hears("ACK")

    long = Scenario("over_tcp_long", "Over TCP: answers of sixteen thousand octets.")
    padding = "\n".join(f"X-Padding-{number}: {'x' * 96}" for number in range(140))
    long.invited().says(180, "Ringing", padding).answers(padding).hangs_up(padding)

    gone = Scenario("over_tcp_cancelled", "Over TCP: rings until it is cancelled.")
    gone.invited().rings().hears("CANCEL").agrees()
    gone.says(487, "Request Terminated", contact="").hears("ACK")
    return [ours, theirs, busy, long, gone]


ROOMS = (
    refusals, answers, cancellations, forks, challenges, routes, media, refused_offers,
    descriptions, sessions, reliable_responses, requests, transfers, switches, streams,
)  # fmt: skip
SCENARIOS = {scenario.name: scenario for room in ROOMS for scenario in room()}


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, scenario in SCENARIOS.items():
        (FOLDER / f"{name}.xml").write_text(scenario.xml, "utf-8")


if __name__ == "__main__":
    write()
