"""Customers: who they are (sealed), how to reach them, what they owe, who must not be called.

Columns named `…_sealed` hold `store/sealing.py`'s bytes: key id, nonce, AES-GCM. Keys named
`…_key` are keyed hashes: they serve equality and uniqueness and nothing else.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from agent_desk.models.base import Base, CallKey, Code, Hash, Id, one_of


class Customer(Base):
    """One person called. Caps, refusals and holds hang here and on number keys."""

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(default="import")  # whose external ids these are
    external_id: Mapped[str | None] = mapped_column(index=True)
    name_sealed: Mapped[bytes]
    kana_sealed: Mapped[bytes | None]
    kana_key: Mapped[str | None] = mapped_column(Hash, index=True)
    name_key: Mapped[str] = mapped_column(Hash)
    birth_date_sealed: Mapped[bytes | None]
    address_town_sealed: Mapped[bytes | None]
    member_last4_sealed: Mapped[bytes | None]
    # A JSON list of [name, value]: the columns of the customer's file that have no place above.
    fields_sealed: Mapped[bytes | None]
    # The hours the customer named for contact (rule R02), minutes from 0:00 JST, until a day.
    contact_from_minute: Mapped[int | None]
    contact_until_minute: Mapped[int | None]
    contact_wish_ends_on: Mapped[date | None]
    # Class of the most overdue open debt, reviewed nightly (dialer/strategy.py); None: nothing is.
    delinquency: Mapped[str | None] = mapped_column(Code)
    weekly_adjust: Mapped[int] = mapped_column(default=0, server_default="0")  # by payment history
    contact_weekdays: Mapped[int | None]  # bit 0 is Monday; None: any day
    vip: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Keyed hashes of where the customer lives, for holds of whole areas (rule R06).
    prefecture_key: Mapped[str | None] = mapped_column(Hash)
    city_key: Mapped[str | None] = mapped_column(Hash)
    postcode_key: Mapped[str | None] = mapped_column(Hash)
    postcode_area_key: Mapped[str | None] = mapped_column(Hash)  # of its first three digits
    # A JSON list of [kind, value]: the places those four are hashes of.
    areas_sealed: Mapped[bytes | None]
    erased_at: Mapped[datetime | None]  # nothing above says any more who it was
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class SearchKey(Base):
    """A hash a customer is found by: a prefix of the kana, the name, its first characters, the end
    of a number, a value of a column of the customer's file."""

    __tablename__ = "search_keys"

    key: Mapped[str] = mapped_column(Hash, primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Phone(Base):
    """One number of a customer; several customers may share one (a household)."""

    __tablename__ = "phones"
    __table_args__ = (
        UniqueConstraint("customer_id", "number_key"),
        CheckConstraint(one_of("kind", "mobile", "fixed", "ip", "work", "other"), name="kind"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=1)
    kind: Mapped[str] = mapped_column(Code)
    number_sealed: Mapped[bytes]
    number_key: Mapped[str] = mapped_column(Hash, index=True)
    unusable_reason: Mapped[str | None] = mapped_column(Code)
    created_at: Mapped[datetime]


class Debt(Base):
    """Money owed for a product, in whole yen."""

    __tablename__ = "debts"
    __table_args__ = (UniqueConstraint("customer_id", "product_id", "external_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    external_id: Mapped[str] = mapped_column(default="")
    amount_yen: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Payment(Base):
    """Money received for a debt, in whole yen."""

    __tablename__ = "payments"
    __table_args__ = (UniqueConstraint("source", "external_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    debt_id: Mapped[int] = mapped_column(ForeignKey("debts.id", ondelete="CASCADE"), index=True)
    amount_yen: Mapped[int] = mapped_column(BigInteger)
    paid_on: Mapped[date]
    # The debt's due date as it was when the payment was entered; the debt's own moves on.
    due_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(Code)
    external_id: Mapped[str | None]
    # How much of it the debt took; None on payments entered before this was kept: all of it.
    applied_yen: Mapped[int | None] = mapped_column(BigInteger)
    reversed_at: Mapped[datetime | None]  # taken back: it never was
    created_at: Mapped[datetime]


class Note(Base):
    """What was written about a customer, at a call or apart from one."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_customer_id_at", "customer_id", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    # None: written at a call from a number nobody we know has
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    call_id: Mapped[str | None] = mapped_column(CallKey, index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    text_sealed: Mapped[bytes]
    at: Mapped[datetime]


class DoNotCall(Base):
    """A number or a person that is not to be called, for one product or for all."""

    __tablename__ = "do_not_call"
    __table_args__ = (
        CheckConstraint("number_key IS NOT NULL OR customer_id IS NOT NULL", name="whom"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number_key: Mapped[str | None] = mapped_column(Hash, index=True)
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    reason: Mapped[str] = mapped_column(Code)
    source: Mapped[str]
    # The call on which it was asked for: a corrected result may take it back.
    call_id: Mapped[str | None] = mapped_column(CallKey, index=True)
    since: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    # On what it rests; says whether it may have an end (services/rules/block_terms.py).
    basis: Mapped[str] = mapped_column(Code, default="request", server_default="request")
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    number_sealed: Mapped[bytes | None]  # the number itself, whoever has it
