"""Two weeks of talks before the demo's first day, so that audits of recordings have what to hear.

The last finished week waits to be drawn by the first lead who opens the page; the one before is
drawn already, and its sheets are filled in. Who speaks are the practice carrier's voices, one of
them as the operator. Only `make run` adds them (`prepare --past-weeks`): whoever counts calls on a
database of their own counts their own.

The customers are the last of each list, so nobody is called on the first day who was called then.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import softphone.protocol
from agent_desk.dialer.business_time import at, business_date
from agent_desk.services.demo.satisfaction import add_scores
from agent_desk.services.demo.seed import ACCOUNTS, CAMPAIGNS
from agent_desk.services.listening_audits import drawing as draws
from agent_desk.services.listening_audits import settings
from agent_desk.services.listening_audits.settings import AuditSettings
from agent_desk.services.listening_audits.sheet import judge
from agent_desk.services.running.business_start import is_business_day, next_business_start
from agent_desk.store.campaigns import campaigns
from agent_desk.store.listening_audits import drawing, samples, scores
from agent_desk.store.people import accounts
from agent_desk.store.rows import past
from agent_desk.store.rows.past import PastTalk
from agent_desk.store.sealing import Sealer
from agent_desk.store.unit_of_work import Session
from softphone.recording_file import SAMPLE_RATE, Closing, Header
from softphone.recording_file import Sealer as FileSealer

WEEK = timedelta(days=7)
TALKS = 4  # of each operator in a week; three of them are drawn
FIRST_MINUTE = 11 * 60
APART_MINUTES = 20
LISTENERS = ("lead1", "manager1")
VOICES = Path(softphone.protocol.__file__).parent / "practice_carrier" / "sounds"
# Who says what, and what the line is quiet for between two words: operator `o`, customer `c`.
WORDS = (
    *(("c", "moshimoshi"), ("o", "hello"), ("c", "yes"), ("o", "understood")),
    *(("c", "next_week"), ("o", "understood"), ("c", "hai"), ("o", "good_bye"), ("c", "good_bye")),
)
PAUSE_S = 0.6
OPERATORS_VOICES, CUSTOMERS_VOICES = "aceg", "bdfh"
CHUNK = SAMPLE_RATE // 2
_CLIP, _BIAS = 32_635, 132
# What the listeners found: most things well done, so that what is not is seen.
_LEVELS = ("met", "met", "met", "partly", "met", "met", "missed", "met", "not_applicable", "met")
_REMARKS = (
    "名乗りと録音の告知が最初にあり、聞き取りやすい応対です。",
    "次回の連絡日を復唱すると、さらに確実です。",
    "",
)


@dataclass(frozen=True)
class Recordings:
    """Where sealed files go, under which key."""

    directory: Path
    key: bytes


def add_past_weeks(
    session: Session, sealer: Sealer, recordings: Recordings, *, seed_key: bytes, now: datetime
) -> None:
    """Both weeks before the day the demo begins on."""
    first = business_date(next_business_start(now))
    last = first - timedelta(days=first.weekday()) - WEEK
    people = accounts.all_accounts(session)
    ids = {each.username: each.id for each in people}
    talked = {}
    for monday in (last - WEEK, last):
        talked[monday] = dict(_talks(session, sealer, recordings, ids, monday))
    seed = draws.seed_of(seed_key, last - WEEK)
    listeners = [ids[name] for name in LISTENERS]
    _draw_and_score(session, sealer, talked[last - WEEK], seed, last - WEEK, listeners)


# --- talks --------------------------------------------------------------------------------------


def _talks(
    session: Session, sealer: Sealer, recordings: Recordings, ids: dict[str, int], monday: date
) -> Iterator[tuple[int, list[str]]]:
    """Each operator's talks of a week, by the operator's id."""
    days = [monday + timedelta(days=n) for n in range(5)]
    days = [day for day in days if is_business_day(day)] or days
    for campaign in CAMPAIGNS:
        known = campaigns.by_name(session, campaign.name)
        assert known is not None
        team = [ids[name] for name, _, role, of in ACCOUNTS if of == campaign.team]
        told: list[PastTalk] = []
        unmet = past.never_called(session, known[0], limit=TALKS * len(team))
        for place, operator_id in enumerate(team):
            mine = unmet[place * TALKS : (place + 1) * TALKS]
            made = []
            for n, customer in enumerate(mine):
                minute = FIRST_MINUTE + APART_MINUTES * (n + TALKS * place)
                begun = at(days[n % len(days)], minute)
                talk = _talk(recordings, known[0], operator_id, customer, begun)
                past.add_talk(session, talk)
                made.append(talk.call_id)
                told.append(talk)
            yield operator_id, made
        if campaign.settings.get("survey_share"):
            add_scores(session, sealer, told)


def _talk(
    recordings: Recordings,
    campaign_id: int,
    operator_id: int,
    customer: past.Callee,
    begun: datetime,
) -> PastTalk:
    call_id = uuid.uuid4().hex
    operator = OPERATORS_VOICES[operator_id % len(OPERATORS_VOICES)]
    other = CUSTOMERS_VOICES[customer.customer_id % len(CUSTOMERS_VOICES)]
    sent, heard = _dialogue(operator, other)
    data = _sealed(recordings.key, call_id, begun, sent, heard)
    path = f"{begun:%Y/%m/%d}/{call_id}.rec"
    file = recordings.directory / path
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_bytes(data)
    file.chmod(0o600)
    return PastTalk(
        call_id=call_id,
        campaign_id=campaign_id,
        operator_id=operator_id,
        customer=customer,
        begun=begun,
        duration_ms=len(sent) * 1000 // SAMPLE_RATE,
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
    )


def _sealed(key: bytes, call_id: str, begun: datetime, sent: bytes, heard: bytes) -> bytes:
    header = Header(
        kind="g711",
        call_id=call_id,
        codec="PCMU",
        started_at=begun,
        chunk_octets=2 * CHUNK,
        salt=secrets.token_bytes(16),
    )
    sealer = FileSealer(key, header)
    starts = range(0, len(sent), CHUNK)
    chunks = [sent[n : n + CHUNK] + heard[n : n + CHUNK] for n in starts]
    sealed = [sealer.chunk(n, chunk) for n, chunk in enumerate(chunks)]
    return b"".join((sealer.head, *sealed, sealer.close(Closing(len(chunks), 2 * len(sent), 0))))


@cache
def _dialogue(operator: str, customer: str) -> tuple[bytes, bytes]:
    """Both sides of a talk in these voices, as G.711, equally long."""
    pause = np.zeros(round(PAUSE_S * SAMPLE_RATE), np.int16)
    sides: dict[str, list[NDArray[np.int16]]] = {"o": [pause], "c": [pause]}
    for side, phrase in WORDS:
        said = _read(VOICES / f"{operator if side == 'o' else customer}_{phrase}.wav")
        for each, pieces in sides.items():
            pieces += [said if each == side else np.zeros_like(said), pause]
    return _mu_law(np.concatenate(sides["o"])), _mu_law(np.concatenate(sides["c"]))


def _read(file: Path) -> NDArray[np.int16]:
    with wave.open(str(file)) as opened:
        return np.frombuffer(opened.readframes(opened.getnframes()), np.int16)


def _mu_law(samples: NDArray[np.int16]) -> bytes:
    """As G.711 has it (the gateway's own coder is the gateway's)."""
    size = np.minimum(np.abs(samples.astype(np.int32)), _CLIP) + _BIAS
    exponent = np.floor(np.log2(size)).astype(np.int32) - 7
    mantissa = (size >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


# --- the week that was audited ------------------------------------------------------------------


def _draw_and_score(
    session: Session,
    sealer: Sealer,
    talked: dict[int, list[str]],
    seed: str,
    monday: date,
    listeners: Sequence[int],
) -> None:
    drawn_at = at(monday + WEEK, FIRST_MINUTE)
    chosen = settings.kept(session, at=drawn_at)
    order = {each: draws.draw(seed, calls, len(calls)) for each, calls in talked.items()}
    every = [call_id for calls in order.values() for call_id in calls[: chosen.per_operator]]
    second = draws.for_second(seed, every, chosen.second_percent)
    week_id = drawing.add_week(
        session,
        monday=monday,
        seed=seed,
        settings_version=chosen.version,
        operators=len(talked),
        candidates=sum(map(len, talked.values())),
        by=LISTENERS[0],
        at=drawn_at,
    )
    rows = [
        {
            "week_id": week_id,
            "operator_id": operator_id,
            "place": place,
            "call_id": call_id,
            "drawn_hash": draws.place_of(seed, call_id),
            "second_wanted": call_id in second,
        }
        for operator_id, calls in order.items()
        for place, call_id in enumerate(calls[: chosen.per_operator], start=1)
    ]
    drawing.add_samples(session, rows)
    for n, (sample_id, twice) in enumerate(samples.ids(session, week_id)):
        for position in (1, 2) if twice else (1,):
            scored_at = drawn_at + timedelta(minutes=10 * n + position)
            _score(session, sealer, chosen, sample_id, position, listeners, n, scored_at)


def _score(
    session: Session,
    sealer: Sealer,
    chosen: AuditSettings,
    sample_id: int,
    position: int,
    listeners: Sequence[int],
    n: int,
    scored_at: datetime,
) -> None:
    """One sheet; a second listener mostly agrees with the first."""
    levels = {}
    for place, criterion in enumerate(chosen.criteria):
        level = _LEVELS[(7 * n + 3 * place) % len(_LEVELS)]
        if position == 2 and (n + place) % 5 == 0:
            level = "partly"
        levels[criterion.code] = (
            level
            if level in criterion.levels
            and not (criterion.knock_out and level == "missed" and n % 9)
            else "met"
        )
    judged = judge(chosen.criteria, levels)
    remark = _REMARKS[n % len(_REMARKS)]
    scores.add(
        session,
        levels,
        sample_id=sample_id,
        position=position,
        listener_id=listeners[position - 1],
        permille=judged.permille,
        knocked_out=judged.knocked_out,
        remark_sealed=sealer.seal(remark) if remark else None,
        at=scored_at,
    )
