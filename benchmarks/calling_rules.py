"""What one question to the rules of calling costs, in microseconds of processor time.

    python -m benchmarks.calling_rules [--questions 5000]

A lease asks for hundreds of list entries. The cases are an ordinary person nobody called, one with
a few attempts, the same held back by one rule or another (where the next allowed instant is looked
for as well), and the dearest that were found. The best of five rounds: what is measured is the
work, and a busy machine can only add to it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent_desk.dialer.calling_rules import evaluate
from agent_desk.dialer.rules.facts import (
    CampaignRules,
    ContactWish,
    CustomerFacts,
    Ledger,
    Lift,
    PhoneFacts,
    Try,
    Verdict,
)

NOW = datetime(2026, 5, 12, 3, 0, tzinfo=UTC)  # Tuesday noon in Japan
PHONE = PhoneFacts("+819012345678")
PERSON = CustomerFacts(delinquency="d91")
ROUNDS = 5
Case = tuple[str, CustomerFacts, CampaignRules, datetime, Ledger]


def past(*hours: float) -> Ledger:
    """Attempts that began so many hours ago, on the person and on their number."""
    tries = tuple(Try(NOW - timedelta(hours=each), False, True) for each in hours)
    return Ledger(tries, tries)


def cases() -> Iterator[Case]:
    """Name and facts."""
    dunning = CampaignRules("collections")
    american = replace(dunning, pacing="overdial", reg_f=True)
    few, many = past(30, 60, 200), past(*(100 + 5 * n for n in range(40)))
    lifted = replace(PERSON, lifts=(Lift("R10", NOW + timedelta(days=3)),))
    evening = replace(PERSON, wish=ContactWish(18 * 60, 20 * 60))
    never = replace(PERSON, wish=ContactWish(0, 60))
    yield "nobody called them yet", PERSON, dunning, NOW, Ledger()
    yield "3 attempts in 30 days", PERSON, dunning, NOW, few
    yield "3 attempts, sales", PERSON, CampaignRules("sales"), NOW, few
    yield "at night", PERSON, dunning, NOW + timedelta(hours=12), few
    yield "two attempts today", PERSON, dunning, NOW, past(1, 4)
    yield "two today, cap lifted", lifted, dunning, NOW, past(1, 4)
    yield "named the evening", evening, dunning, NOW, few
    yield "do not call", replace(PERSON, do_not_call=True), dunning, NOW, few
    yield "40 attempts, every rule on", PERSON, american, NOW, many
    yield "named an hour of the night", never, dunning, NOW, few


def cost(case: Case, questions: int) -> tuple[float, Verdict]:
    """Seconds of processor time per question."""
    _, person, campaign, now, ledger = case
    best = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        for _ in range(questions):
            verdict = evaluate(person, PHONE, campaign, now, ledger)
        best = min(best, time.process_time() - begun)
    return best / questions, verdict


def main() -> None:
    """Print a row per case."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--questions", type=int, default=5000)
    questions = parser.parse_args().questions
    print(f"{'case':30} {'us':>7}  verdict")
    for case in cases():
        seconds, verdict = cost(case, questions)
        answer = "allowed" if verdict.allowed else " ".join(verdict.rule_ids)
        print(f"{case[0]:30} {seconds * 1e6:7.1f}  {answer}")


if __name__ == "__main__":
    main()
