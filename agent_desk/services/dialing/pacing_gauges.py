"""Each campaign's abandonment budget and pacing, for Prometheus: read when it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from agent_desk.dialer.abandonment import budget
from agent_desk.dialer.floor import Floor
from agent_desk.dialer.ids import CampaignId
from agent_desk.dialer.pacing_facts import MOST_ABANDONED
from agent_desk.services.dialing.pacing import PacingFigures


class PacingGauges(Collector):
    """`campaign` is the id; a price is shown where the pacer has one."""

    def __init__(
        self,
        *,
        floor: Callable[[], Floor],
        figures: Callable[[CampaignId], PacingFigures | None],
    ) -> None:
        self._floor = floor
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family for each figure."""
        live = _family("live_answers", "Live answers in the rolling window.", "window")
        abandoned = _family("abandoned_answers", "Those nobody took in time.", "window")
        left = _family(
            "abandonable_answers", "How many more may be abandoned before the share.", "share"
        )
        target = _family("abandon_target_ratio", "The share a lead lets be abandoned.")
        lines = _family("lines_in_flight", "Lines to no particular seat yet.")
        expected = _family("seats_expected_free", "Seats expected free within the ring time.")
        price = _family("pacing_price", "What the pacer lets another line cost.")
        for campaign_id, campaign in self._floor().campaigns.items():
            name = str(campaign_id)
            spent = budget(campaign.answers, campaign.abandon_target)
            for window, of in (("24h", spent.day), ("30d", spent.month)):
                live.add_metric([name, window], of.live)
                abandoned.add_metric([name, window], of.abandoned)
            left.add_metric([name, "target"], spent.day.left_target)
            left.add_metric([name, f"{MOST_ABANDONED:g}"], spent.day.left_limit)
            target.add_metric([name], campaign.abandon_target)
            seen = self._figures(campaign_id)
            if seen is not None:
                lines.add_metric([name], seen.lines)
                expected.add_metric([name], seen.expected_free)
                if seen.price is not None:
                    price.add_metric([name], seen.price)
        yield from (live, abandoned, left, target, lines, expected, price)


def _family(name: str, text: str, *more: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"desk_campaign_{name}", text, labels=["campaign", *more])
