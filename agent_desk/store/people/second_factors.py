"""Second factors: sealed secrets, the newest step taken, and recovery codes as hashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from agent_desk.models.users import RecoveryCode, User


@dataclass(frozen=True)
class FactorRow:
    """Somebody's second factor; `confirmed` once a code of it was typed."""

    sealed: bytes | None
    confirmed: bool


def of(session: Session, user_id: int) -> FactorRow | None:
    """The person's, whether it is in use or not."""
    found = session.execute(
        select(User.totp_sealed, User.totp_confirmed).where(User.id == user_id)
    ).first()
    return None if found is None else FactorRow(*found)


def begin(session: Session, user_id: int, sealed: bytes) -> None:
    """A new secret that is not asked for before it was tried out."""
    session.execute(
        update(User)
        .where(User.id == user_id, User.totp_confirmed.is_(False))
        .values(totp_sealed=sealed, totp_step=None)
    )


def take_step(session: Session, user_id: int, step: int) -> bool:
    """Use up a step of 30 s; false when it, or a later one, was used before (RFC 6238 §5.2)."""
    taken = session.execute(
        update(User)
        .where(User.id == user_id, or_(User.totp_step.is_(None), User.totp_step < step))
        .values(totp_step=step)
        .returning(User.id)
    )
    return taken.first() is not None


def confirm(session: Session, user_id: int, hashes: Sequence[str]) -> None:
    """From now on it is asked for; the recovery codes of before are void."""
    session.execute(update(User).where(User.id == user_id).values(totp_confirmed=True))
    replace_recovery_codes(session, user_id, hashes)


def replace_recovery_codes(session: Session, user_id: int, hashes: Sequence[str]) -> None:
    """These and no others let the person in."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    for each in hashes:
        session.execute(insert(RecoveryCode).values(code_hash=each, user_id=user_id))


def use_recovery_code(session: Session, user_id: int, code_hash: str, *, at: datetime) -> bool:
    """Use one up; false when there is none, or it was used."""
    used = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.code_hash == code_hash,
            RecoveryCode.user_id == user_id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.code_hash)
    )
    return used.first() is not None


def recovery_codes_left(session: Session, user_id: int) -> int:
    """How many are unused."""
    query = select(func.count()).where(
        RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
    )
    return session.scalar(query) or 0


def remove(session: Session, user_id: int) -> None:
    """No second factor any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.execute(
        update(User)
        .where(User.id == user_id)
        .values(totp_sealed=None, totp_confirmed=False, totp_step=None)
    )
