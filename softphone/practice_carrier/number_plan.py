"""Who picks up a demo number, and how: the practice carrier's number plan.

Demo numbers are 090-0xxx-xxxx, a block Japan has not assigned, so a number that leaks out of a demo
rings nobody. Inside it the *last two digits* alone choose the kind of customer, by one table of a
hundred cells: a list of consecutive numbers, however short, meets the mix an outbound desk meets
(the cells are scattered so that any ten neighbours hold four to six humans, two to four unanswered
rings and two or three of the rest), and a reader of a log knows from the number what was to be
expected.

The block of last four digits 9000-9999 is set apart for tests: exact instants and tones, nothing
drawn. Everything drawn (voice, ring time, talk time) comes from the number and the seed and from
nothing else, so the same customer behaves the same way on every attempt and on every machine.

docs/number-plan.md shows this table to people; a test compares the two.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from enum import Enum

VOICE_COUNT = 8

# Longer than any ring limit a caller may have (R13: 120 s), shorter than SIP's own 180 s.
UNANSWERED_S = 170.0

DEMO_NATIONAL = re.compile(r"0900\d{7}")
NUMBER = re.compile(r"\+?\d{3,15}")
PUNCTUATION = re.compile(r"[-\s().]")

LONGEST_TALK_S = 90.0


class Kind(Enum):
    """The ways a called number behaves; the values are what logs show."""

    HUMAN = "human"
    SLOW_GREETER = "slow_greeter"
    ENDLESS_HUMAN = "endless_human"
    FAMILY = "family"
    WRONG_NUMBER = "wrong_number"
    OFFICE = "office"
    NO_ANSWER = "no_answer"
    CALLS_BACK = "calls_back"
    BUSY = "busy"
    MACHINE = "machine"
    NOT_IN_USE = "not_in_use"
    NOT_IN_USE_ANNOUNCED = "not_in_use_announced"
    REJECTED = "rejected"
    HANG_UP_AT_ONCE = "hang_up_at_once"
    TONE = "tone"
    ECHO = "echo"
    HOLDS = "holds"
    PRESSES = "presses"
    QUIET = "quiet"
    NO_MEDIA = "no_media"
    REFUSED = "refused"


HUMAN_KINDS = frozenset(
    {
        Kind.HUMAN,
        Kind.SLOW_GREETER,
        Kind.ENDLESS_HUMAN,
        Kind.FAMILY,
        Kind.WRONG_NUMBER,
        Kind.OFFICE,
    }
)

CELL_KINDS = {
    "H": Kind.HUMAN,
    "L": Kind.SLOW_GREETER,
    "E": Kind.ENDLESS_HUMAN,
    "F": Kind.FAMILY,
    "W": Kind.WRONG_NUMBER,
    "O": Kind.OFFICE,
    "N": Kind.NO_ANSWER,
    "C": Kind.CALLS_BACK,
    "B": Kind.BUSY,
    "M": Kind.MACHINE,
    "X": Kind.NOT_IN_USE,
    "A": Kind.NOT_IN_USE_ANNOUNCED,
    "R": Kind.REJECTED,
    "Q": Kind.HANG_UP_AT_ONCE,
}

# Row: the tens digit; column: the last digit.
CELLS = (
    "HNBNHHNMHW",
    "NHQNBHHNFX",
    "NHNHBHMCHO",
    "NRNHBHNMHF",
    "HNHNRHNBOH",
    "NHXNMHFNHB",
    "HNHNQEHNMH",
    "HNBNALHHCM",
    "HNBWANHHNL",
    "NHRNMHHNQF",
)


@dataclass(frozen=True)
class Behaviour:
    """What one called number does. Seconds throughout; `None` for an instant that never comes."""

    number: str  # national form, eleven digits
    kind: Kind
    voice: int  # index of the voice, 0 .. VOICE_COUNT - 1; also picks announcements
    ring_s: float  # from INVITE to the answer or refusal
    silence_s: float = 0.0  # from the answer to the first word
    talk_s: float | None = None  # from the answer to the good-bye; None never hangs up
    code: int = 200  # the final answer, when the call is not taken
    tone_hz: int = 0
    back_s: float | None = None  # from the end of a call they missed to their calling back
    draw: int = 0  # feeds the choice of words, so that two calls to a number sound alike


def national_form(dialed: str) -> str:
    """`+81900…`, `81900…` or `0900…`, with or without hyphens, as eleven national digits.

    Anything else comes back stripped of punctuation and otherwise as it was.
    """
    digits = PUNCTUATION.sub("", dialed)
    for prefix in ("+81", "81"):
        if digits.startswith(prefix):
            return "0" + digits[len(prefix) :].removeprefix("0")
    return digits


def behaviour_of(dialed: str, *, seed: int = 0) -> Behaviour:
    """The plan's answer for a dialed number.

    A number outside 090-0xxx-xxxx is refused: 403 when it could be someone's number (the practice
    carrier has no way out to it, and says so), 404 when it is no number at all.
    """
    number = national_form(dialed)
    if not DEMO_NATIONAL.fullmatch(number):
        code = 403 if NUMBER.fullmatch(number) else 404
        return Behaviour(number, Kind.REFUSED, voice=0, ring_s=0.0, code=code)
    draws = random.Random(f"{seed}:{number}")
    if number[-4] == "9":
        return _test_behaviour(number, draws)
    return _drawn(number, CELL_KINDS[CELLS[int(number[-2])][int(number[-1])]], draws)


def _drawn(number: str, kind: Kind, draws: random.Random) -> Behaviour:
    """A customer of the mix: instants drawn from the ranges docs/number-plan.md prints."""
    voice = draws.randrange(VOICE_COUNT)
    made = Behaviour(number, kind, voice=voice, ring_s=0.0, draw=draws.getrandbits(32))
    between = draws.uniform
    match kind:
        case Kind.NO_ANSWER:
            return replace(made, ring_s=UNANSWERED_S, code=480)
        case Kind.CALLS_BACK:
            back_s, talk_s = between(5, 15), between(20, 60)
            return replace(made, ring_s=UNANSWERED_S, code=480, back_s=back_s, talk_s=talk_s)
        case Kind.BUSY:
            return replace(made, ring_s=between(0.2, 0.8), code=486)
        case Kind.REJECTED:
            return replace(made, ring_s=between(2, 8), code=603)
        case Kind.NOT_IN_USE:
            return replace(made, ring_s=between(0.2, 0.8), code=404)
        case Kind.NOT_IN_USE_ANNOUNCED:
            return replace(made, ring_s=between(0.3, 0.8), code=404)
        case Kind.HANG_UP_AT_ONCE:
            return replace(made, ring_s=between(2, 8), talk_s=between(0.4, 1.6))
        case Kind.MACHINE:
            return replace(made, ring_s=between(8, 16), silence_s=between(0.4, 0.8), talk_s=60.0)
        case _:
            return _drawn_human(made, between(2, 12), draws)


def _drawn_human(made: Behaviour, ring_s: float, draws: random.Random) -> Behaviour:
    silence_s = draws.uniform(0.2, 0.9)
    talk_s: float | None = draws.uniform(20, LONGEST_TALK_S)
    match made.kind:
        case Kind.SLOW_GREETER:
            silence_s = draws.uniform(1.5, 2.0)
        case Kind.ENDLESS_HUMAN:
            talk_s = None
        case Kind.WRONG_NUMBER:
            talk_s = draws.uniform(20, 30)
    return replace(made, ring_s=ring_s, silence_s=silence_s, talk_s=talk_s)


# Last two digits of 90xx -> what differs from "voice 0, answers after 1 s".
TEST_NUMBERS: dict[str, tuple[Kind, dict[str, float | int]]] = {
    "00": (Kind.NO_ANSWER, {"ring_s": UNANSWERED_S, "code": 480}),
    "01": (Kind.BUSY, {"ring_s": 0.2, "code": 486}),
    "02": (Kind.REJECTED, {"ring_s": 1.0, "code": 603}),
    "03": (Kind.NOT_IN_USE, {"ring_s": 0.2, "code": 404}),
    "04": (Kind.NOT_IN_USE_ANNOUNCED, {"ring_s": 0.2, "code": 404}),
    "05": (Kind.HANG_UP_AT_ONCE, {"talk_s": 1.0}),
    "06": (Kind.MACHINE, {"silence_s": 0.5, "talk_s": 60.0}),
    "07": (Kind.ECHO, {"ring_s": 0.0}),
    "08": (Kind.ENDLESS_HUMAN, {"silence_s": 0.4}),
    "09": (Kind.HUMAN, {"silence_s": 0.4, "talk_s": 10.0}),
    "10": (Kind.FAMILY, {"silence_s": 0.4, "talk_s": 30.0}),
    "11": (Kind.WRONG_NUMBER, {"silence_s": 0.4, "talk_s": 20.0}),
    "12": (Kind.OFFICE, {"silence_s": 0.4, "talk_s": 30.0}),
    "13": (Kind.SLOW_GREETER, {"silence_s": 1.8, "talk_s": 30.0}),
    "14": (Kind.QUIET, {"ring_s": 0.0}),
    "15": (Kind.NO_MEDIA, {"ring_s": 0.0}),
    "16": (Kind.REFUSED, {"ring_s": 1.0, "code": 480}),
    "17": (Kind.REFUSED, {"ring_s": 0.0, "code": 503}),
    "18": (
        Kind.CALLS_BACK,
        {"ring_s": UNANSWERED_S, "code": 480, "back_s": 2.0, "tone_hz": 440},
    ),
    "30": (Kind.HOLDS, {"ring_s": 0.0, "tone_hz": 440}),
    "31": (Kind.PRESSES, {"ring_s": 0.0}),
}
HUMAN_BY_VOICE = range(20, 20 + VOICE_COUNT)  # 9020 + n: voice n, answers after 1 s, never hangs up


def _test_behaviour(number: str, draws: random.Random) -> Behaviour:
    """The block 9000-9999: the third- and second-last digits say what the last ones mean."""
    family, tail = int(number[-3]), number[-2:]
    made = Behaviour(number, Kind.TONE, 0, ring_s=0.0, tone_hz=440, draw=draws.getrandbits(32))
    if family == 0:
        return _scripted(made, tail)
    if family == 1:
        return replace(made, ring_s=float(tail))
    if family == 2:
        return replace(made, talk_s=float(tail))
    if family == 9:
        return replace(made, kind=Kind.REFUSED, ring_s=float(tail), code=486, tone_hz=0)
    return replace(made, tone_hz=int(number[-3:]))


def _scripted(made: Behaviour, tail: str) -> Behaviour:
    plain = replace(made, ring_s=1.0, tone_hz=0)
    if int(tail) in HUMAN_BY_VOICE:
        voice = int(tail) - HUMAN_BY_VOICE.start
        return replace(plain, kind=Kind.ENDLESS_HUMAN, voice=voice, silence_s=0.4)
    if tail not in TEST_NUMBERS:
        return replace(plain, kind=Kind.REFUSED, ring_s=0.0, code=404)
    kind, details = TEST_NUMBERS[tail]
    return replace(plain, kind=kind, **details)  # type: ignore[arg-type]
