"""Two campaigns on the same seats: a quarter of an hour through the product's own dealing."""

from __future__ import annotations

from benchmarks.pacing.blended import day


def test_progressive_campaigns_on_the_same_seats_abandon_nobody_and_share_the_lines() -> None:
    whole, tallies = day("20/20", seats=6, hours=0.2, seed=1, mode="progressive")
    alone, _ = day("20", seats=6, hours=0.2, seed=1, mode="progressive")
    assert [tally.abandoned for tally in tallies] == [0, 0]
    assert abs(tallies[0].attempts - tallies[1].attempts) <= 2
    assert whole.attempts == alone.attempts, "as many as one campaign with both lists"


def test_campaigns_that_dial_ahead_keep_their_budgets_and_the_seats_busy() -> None:
    whole, tallies = day("20/20", seats=10, hours=0.25, seed=2)
    progressive, _ = day("20/20", seats=10, hours=0.25, seed=2, mode="progressive")
    live, abandoned = (
        sum(getattr(each, name) for each in tallies) for name in ("live", "abandoned")
    )
    assert live > 0
    assert abandoned <= 0.03 * live
    assert whole.occupancy > progressive.occupancy
    shares = [tally.attempts / whole.attempts for tally in tallies]
    assert min(shares) > 0.4
