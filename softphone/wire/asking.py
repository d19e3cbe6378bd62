"""Asking a customer something that is answered by a key: with no operator on the line any more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AskCustomer:
    """The operator is freed, the customer asked; who has answered, or does not, is thanked, and we
    hang up.

    `question` and `thanks` are SHA-256 sums (hex) of recordings `MessagesHeld` names, `keys` those
    that are an answer. One is waited for `wait_s` seconds from the end of the question; after a
    wrong one it is played anew, `tries` times in all.
    """

    call_id: str
    question: str
    thanks: str
    keys: str
    wait_s: float
    tries: int = 2


@dataclass(frozen=True)
class CustomerAnswered:
    """What came of an `AskCustomer`, told before the thanks are said.

    `key` is "" when there is no answer, and `outcome` says why: answered, silent, wrong_key, or
    hung_up. `tries`: how often the question was played, to its end or not.
    """

    call_id: str
    question: str
    key: str
    outcome: str
    tries: int
