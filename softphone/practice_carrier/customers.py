"""What each kind of customer does, as a script: a generator of steps that is told the time.

A script never waits and never touches a socket. It yields what it wants next (`Ring`, `Say`,
`Listen`, …), and whoever performs it answers with a `Cue` when that is over. So a ninety-second
talk is tested in a millisecond, and the same script drives a real call.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from enum import Enum

from softphone.practice_carrier.number_plan import Behaviour, Kind
from softphone.practice_carrier.voices import BEEP

VOICE_NAMES = "abcdefgh"
GREETINGS = ("moshimoshi", "moshimoshi", "hai", "yamada")
REPLIES = ("hai", "yes", "wait", "next_week", "again", "understood")
MACHINES = ("machine_a", "machine_b", "machine_c")
OFFICES = ("office_a", "office_b")

# What customers press when they are asked for a score from 1 to 5; "9" is a slip.
SCORE_KEYS = ("5", "4", "3", "2", "1", "", "9")
SCORE_WEIGHTS = (33, 30, 12, 6, 4, 12, 3)
THINKING_S = (3.0, 7.0)

REACTION_S = (0.15, 0.5)
PATIENCE_S = 6.0  # of silence, before もしもし？ is asked


class Heard(Enum):
    """Why listening ended."""

    NOTHING = "nothing"  # no listening was asked for
    TURN = "turn"  # the other side spoke, then paused
    SILENCE = "silence"  # nobody spoke for the patience asked for
    TIME_UP = "time_up"


@dataclass(frozen=True)
class Cue:
    """The answer to a step: it is over now (seconds on any steady clock)."""

    now: float
    heard: Heard = Heard.NOTHING


@dataclass(frozen=True)
class Ring:
    """180, then wait."""

    seconds: float


@dataclass(frozen=True)
class Announce:
    """183 with a session description: what follows is heard before any answer."""


@dataclass(frozen=True)
class Answer:
    """200; over at once. `media` False sends no audio at all."""

    media: bool = True


@dataclass(frozen=True)
class Refuse:
    """A final answer from 400 up; the script ends here."""

    code: int


@dataclass(frozen=True)
class Say:
    """Play a sound of the repertoire to its end."""

    sound: str


@dataclass(frozen=True)
class Repeat:
    """Play a sound over and over from now on; over at once."""

    sound: str


@dataclass(frozen=True)
class Echo:
    """Send back what arrives from now on; over at once."""


@dataclass(frozen=True)
class Wait:
    """Let time pass with nothing but line noise; `None` waits until the other side hangs up."""

    seconds: float | None


@dataclass(frozen=True)
class Listen:
    """Wait for the other side's turn: until `until` at most, restless after `patience_s`."""

    until: float | None
    patience_s: float = PATIENCE_S


@dataclass(frozen=True)
class Hold:
    """Puts the caller on hold by a re-INVITE, or takes them back; takes no time."""

    on: bool


@dataclass(frozen=True)
class Press:
    """Keys pressed (RFC 4733); takes no time, the tones follow one another by themselves."""

    keys: str


@dataclass(frozen=True)
class HangUp:
    """BYE; the script ends here."""


Step = (
    Ring | Announce | Answer | Refuse | Say | Repeat | Echo | Wait | Listen | Hold | Press | HangUp
)
Script = Generator[Step, Cue, None]


def script_of(behaviour: Behaviour) -> Script:
    """The script of one call to a number."""
    return _SCRIPTS[behaviour.kind](behaviour)


def _refuse(behaviour: Behaviour) -> Script:
    if behaviour.ring_s > 0:
        yield Ring(behaviour.ring_s)
    yield Refuse(behaviour.code)


def _refuse_silently(behaviour: Behaviour) -> Script:
    """A number that is busy or does not exist never rings; the network takes a moment to know."""
    yield Wait(behaviour.ring_s)
    yield Refuse(behaviour.code)


def _announce(behaviour: Behaviour) -> Script:
    yield Wait(behaviour.ring_s)
    yield Announce()
    yield Wait(0.4)
    yield Say("not_in_use")
    yield Wait(0.6)
    yield Refuse(behaviour.code)


def _pick_up(behaviour: Behaviour, *, media: bool = True) -> Generator[Step, Cue, float | None]:
    """Ring and answer; returns the instant the talk is to end, if it ever is."""
    if behaviour.ring_s > 0:
        yield Ring(behaviour.ring_s)
    cue = yield Answer(media)
    return None if behaviour.talk_s is None else cue.now + behaviour.talk_s


def _machine(behaviour: Behaviour) -> Script:
    until = yield from _pick_up(behaviour)
    yield Wait(behaviour.silence_s)
    yield Say(MACHINES[behaviour.draw % len(MACHINES)])
    yield Wait(0.5)
    cue = yield Say(BEEP)
    yield Wait(None if until is None else until - cue.now)
    yield HangUp()


def _hang_up_at_once(behaviour: Behaviour) -> Script:
    yield from _pick_up(behaviour)
    yield Wait(behaviour.talk_s)
    yield HangUp()


def _tone(behaviour: Behaviour) -> Script:
    yield from _pick_up(behaviour)
    yield from _sound(behaviour)


def _sound(behaviour: Behaviour) -> Script:
    yield Repeat(f"tone_{behaviour.tone_hz}")
    yield Wait(behaviour.talk_s)
    yield HangUp()


def _holds(behaviour: Behaviour) -> Script:
    """Somebody on a telephone system: asks us to wait, with music, and comes back."""
    yield from _pick_up(behaviour)
    yield Repeat(f"tone_{behaviour.tone_hz}")
    yield Wait(2.0)
    yield Hold(True)
    yield Wait(2.0)
    yield Hold(False)
    yield Wait(behaviour.talk_s)
    yield HangUp()


def _presses(behaviour: Behaviour) -> Script:
    yield from _pick_up(behaviour)
    yield Wait(1.0)
    yield Press("159#")
    yield Wait(behaviour.talk_s)
    yield HangUp()


def key_of(behaviour: Behaviour) -> str:
    """What this customer presses when asked for a score: mostly satisfied, "" presses nothing."""
    return random.Random(f"score:{behaviour.draw}").choices(SCORE_KEYS, SCORE_WEIGHTS)[0]


def asked_of(behaviour: Behaviour) -> Script:
    """The script of a customer who hears a question announced: hears it out for some seconds, and
    presses a key or nothing."""
    yield Wait(random.Random(f"thinks:{behaviour.draw}").uniform(*THINKING_S))
    key = key_of(behaviour)
    if key:
        yield Press(key)
    yield Wait(None)


def _echo(behaviour: Behaviour) -> Script:
    yield from _pick_up(behaviour)
    yield Echo()
    yield Wait(None)


def _quiet(behaviour: Behaviour) -> Script:
    yield from _pick_up(behaviour, media=behaviour.kind is not Kind.NO_MEDIA)
    yield Wait(None)


@dataclass(frozen=True)
class Part:
    """How a person opens and what they answer; sounds without the voice's prefix are phrases."""

    opening: tuple[str, ...]
    replies: tuple[str, ...]


def callback_of(behaviour: Behaviour) -> Script:
    """The script of a customer who calls back, from our answer on."""
    cue = yield Wait(REACTION_S[0])
    if behaviour.tone_hz:
        yield from _sound(behaviour)
    else:
        until = None if behaviour.talk_s is None else cue.now + behaviour.talk_s
        yield from _talk(behaviour, until)


def _person(behaviour: Behaviour) -> Script:
    until = yield from _pick_up(behaviour)
    yield Wait(behaviour.silence_s)
    yield from _talk(behaviour, until)


def _talk(behaviour: Behaviour, until: float | None) -> Script:
    """Words and answers until it is time to say good-bye."""
    draws = random.Random(behaviour.draw)
    part = _part(behaviour, draws)
    cue = yield Say(part.opening[0])
    openings, last = list(part.opening[1:]), ""
    while until is None or cue.now < until:
        cue = yield Listen(until)
        if cue.heard is Heard.TIME_UP:
            break
        if cue.heard is Heard.SILENCE:
            cue = yield Say(_spoken(behaviour, "hello"))
            continue
        yield Wait(draws.uniform(*REACTION_S))
        last = openings.pop(0) if openings else _another(part.replies, last, draws)
        cue = yield Say(last)
    yield Say(_spoken(behaviour, "good_bye"))
    yield Wait(0.3)
    yield HangUp()


def _another(replies: tuple[str, ...], last: str, draws: random.Random) -> str:
    """A reply that is not the one just given."""
    return draws.choice([reply for reply in replies if reply != last] or list(replies))


def _spoken(behaviour: Behaviour, phrase: str) -> str:
    return f"{VOICE_NAMES[behaviour.voice]}_{phrase}"


def _part(behaviour: Behaviour, draws: random.Random) -> Part:
    """The opening words and the replies of a kind of person."""

    def spoken(*phrases: str) -> tuple[str, ...]:
        return tuple(_spoken(behaviour, phrase) for phrase in phrases)

    match behaviour.kind:
        case Kind.FAMILY:
            return Part(spoken("moshimoshi", "away"), spoken("away", "hai", "understood"))
        case Kind.WRONG_NUMBER:
            return Part(spoken("yamada", "not_me"), spoken("not_me", "again"))
        case Kind.OFFICE:
            opening = OFFICES[behaviour.draw % len(OFFICES)]
            return Part((opening, "office_transfer"), spoken("hai", "wait", "understood"))
        case Kind.SLOW_GREETER:
            return Part(spoken("hai"), spoken(*REPLIES))
        case _:
            return Part(spoken(draws.choice(GREETINGS)), spoken(*REPLIES))


_SCRIPTS: dict[Kind, Callable[[Behaviour], Script]] = {
    Kind.HUMAN: _person,
    Kind.SLOW_GREETER: _person,
    Kind.ENDLESS_HUMAN: _person,
    Kind.FAMILY: _person,
    Kind.WRONG_NUMBER: _person,
    Kind.OFFICE: _person,
    Kind.NO_ANSWER: _refuse,
    Kind.CALLS_BACK: _refuse,
    Kind.BUSY: _refuse_silently,
    Kind.MACHINE: _machine,
    Kind.NOT_IN_USE: _refuse_silently,
    Kind.NOT_IN_USE_ANNOUNCED: _announce,
    Kind.REJECTED: _refuse,
    Kind.HANG_UP_AT_ONCE: _hang_up_at_once,
    Kind.TONE: _tone,
    Kind.ECHO: _echo,
    Kind.HOLDS: _holds,
    Kind.PRESSES: _presses,
    Kind.QUIET: _quiet,
    Kind.NO_MEDIA: _quiet,
    Kind.REFUSED: _refuse,
}
