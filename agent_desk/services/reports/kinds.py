"""Every kind of report, its maker in one line."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desk.services.reports import (
    analysis_report,
    calls_behind_report,
    comparison_report,
    compliance_report,
    costs_report,
    dialer_report,
    hang_ups_report,
    heat_map_report,
    hints_report,
    metrics_report,
    month_figures_report,
    months_report,
    operators_report,
    promises_report,
    ranking_report,
    roi_report,
    satisfaction_report,
    scores_report,
    timeline_report,
    trend_report,
    what_if_report,
)
from agent_desk.services.reports.making import Maker

KINDS: Mapping[str, Maker] = {
    "operators": operators_report.make,
    "me": operators_report.make_own,
    "timeline": timeline_report.make,
    "promises": promises_report.make,
    "dialer": dialer_report.make,
    "compliance": compliance_report.make,
    "heat_map": heat_map_report.make,
    "trend": trend_report.make,
    "analysis": analysis_report.make,
    "calls_behind": calls_behind_report.make,
    "costs": costs_report.make,
    "comparison": comparison_report.make,
    "roi": roi_report.make,
    "what_if": what_if_report.make,
    "satisfaction": satisfaction_report.make,
    "metrics": metrics_report.make,
    "ranking": ranking_report.make,
    "hang_ups": hang_ups_report.make,
    "hints": hints_report.make,
    "scores": scores_report.make,
    "months": months_report.make,
    "month_figures": month_figures_report.make,
}
