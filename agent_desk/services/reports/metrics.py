"""The dictionary of figures: each one's unit and which rows it comes from.

Names and formulas stand in the catalogue (`report.<code>`, `report.formula.<code>`), sources too
(`report.source.<code>`). A figure is called the same on every page; one that is not here cannot be
in a report, which a test sees to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent_desk.services.reports.call_metrics import CALL_METRICS
from agent_desk.services.reports.making import COUNT, MS, NUMBER, SCORE, SECONDS, SHARE, YEN


@dataclass(frozen=True)
class Metric:
    """One figure."""

    code: str
    unit: str
    source: str


# source → unit → codes
_KNOWN: Mapping[str, Mapping[str, str]] = {
    "moves": {
        SECONDS: "login_s starting_s idle_s talk_s hold_s wrap_s away_s idle_avg_s talk_avg_s"
        " wrap_avg_s away_for stay_s call_talk_s call_hold_s call_wrap_s"
        " staff_login",
        COUNT: "calls long_calls staff_operators staff_peak staff_dials",
        NUMBER: "staff_mean staff_dials_each",
    },
    "roster": {SECONDS: "paid_s", SHARE: "utilisation", COUNT: "correction_minutes"},
    "marks": {COUNT: "code lost rank rank_hits hint_n", NUMBER: "hint_value hint_compared"},
    "attempts": {
        COUNT: "funnel_calls past_calls dial_attempts dial_answered dial_live dial_bridged"
        " dial_abandoned window_live_24h window_abandoned_24h window_live_30d"
        " window_abandoned_30d outcome_count blame_count cause_count"
        " hang_answered hang_early rank_cases trend_cases",
        SHARE: "hang_share rate_prev rate_first past_rate dial_answered_share dial_abandoned_share"
        " window_share_24h window_share_30d window_target share_low share_high",
        NUMBER: "rate_change",
        MS: "answer_p50_ms answer_p95_ms answer_max_ms greeting_p50_ms greeting_p95_ms"
        " greeting_max_ms",
    },
    "promises": {
        COUNT: "promises parts_due parts_coming parts_matured parts_kept parts_part parts_broken"
        " parts_open_amounts parts_withdrawn part_number",
        SHARE: "parts_kept_share parts_received_share",
        YEN: "parts_yen parts_received_yen part_yen part_received_yen",
    },
    "scores": {
        COUNT: "csat_asked csat_answered csat_n csat_skipped csat_score csat_answered_before",
        SHARE: "csat_answer_share csat_high_share",
        SCORE: "csat_mean csat_low csat_high csat_mean_before csat_change",
    },
    "verdicts": {
        COUNT: "rule_blocked rule_lifted overrides_made statement_needed statement_made"
        " statement_told statement_missing gate_checks gate_missed gate_third_party_calls",
    },
    "results": {COUNT: "corrected"},
    "sheets": {
        COUNT: "audit_pairs audit_calls audit_knocked_out",
        SHARE: "audit_equal",
        SCORE: "audit_kappa",
        NUMBER: "audit_week audit_mean",
    },
    "closed": {
        COUNT: "closed_version closed_formulas late_results late_marks late_promises"
        " late_paid_time late_definitions late_payments",
        NUMBER: "restated_closed restated_now restated_change",
    },
    "costs": {
        SECONDS: "money_time",
        YEN: "money_wage money_yen contract_setup contract_monthly contract_leaving contract_whole",
        SHARE: "money_premium money_relative",
        COUNT: "money_n money_before_n money_after_n contract_left",
        NUMBER: "money_value money_each money_before money_after money_change what_if_now"
        " what_if_tried what_if_more",
    },
    "plans": {
        COUNT: "roi_year roi_from_year",
        YEN: "roi_step roi_benefit roi_cost roi_benefit_sum roi_cost_sum",
        SHARE: "roi_return",
    },
}


def _of_calls(code: str) -> str:
    if code.startswith(("m_promise", "m_promised")):
        return "promises"
    if code.endswith("_s") or code == "m_contacts_per_hour_talk":
        return "moves"
    if code in ("m_attempts", "m_answered", "m_answer_rate", "m_bridged", "m_bridge_avg_ms"):
        return "attempts"
    return "attempts" if code.startswith("m_abandon") else "marks"


METRICS: Mapping[str, Metric] = {
    **{
        code: Metric(code, unit, source)
        for source, units in _KNOWN.items()
        for unit, codes in units.items()
        for code in codes.split()
    },
    **{code: Metric(code, each.unit, _of_calls(code)) for code, each in CALL_METRICS.items()},
}
