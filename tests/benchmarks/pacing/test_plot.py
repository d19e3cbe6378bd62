"""The picture is well-formed, shows every policy, and tells lawful points from the others."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

from benchmarks.pacing.plot import LABEL_GAP, LABELS, draw
from benchmarks.pacing.policies import TITLES
from benchmarks.pacing.tables import Figures

SVG = "{http://www.w3.org/2000/svg}"
SIZES = (5, 20, 100)


def found(occupancy: float, abandonment: float) -> Figures:
    return Figures(occupancy, 20.0, abandonment, abandonment, 10.0, 20, 1000.0, 200.0, 3, 0.0)


def picture() -> ElementTree.Element:
    return ElementTree.fromstring(
        draw(tuple(TITLES), SIZES, lambda policy, seats: found(70.0, 4.0 if seats == 5 else 1.0))
    )


def test_every_policy_has_its_curve_and_its_label() -> None:
    texts = {text.text for text in picture().iter(f"{SVG}text")}
    assert set(TITLES.values()) <= texts
    curves = [
        path for path in picture().iter(f"{SVG}path") if "curve" in path.get("class", "").split()
    ]
    assert len(curves) == len(TITLES)


def test_points_beyond_the_limit_are_hollow() -> None:
    points = list(picture().iter(f"{SVG}circle"))
    hollow = [point for point in points if "open" in point.get("class", "")]
    assert len(points) == 3 * len(TITLES)
    assert len(hollow) == len(TITLES)


def test_labels_of_equal_curves_do_not_overlap() -> None:
    heights = sorted(
        float(text.get("y", 0))
        for text in picture().iter(f"{SVG}text")
        if text.get("x") == str(LABELS)
    )
    assert len(heights) == len(TITLES)
    assert all(high - low >= LABEL_GAP - 0.2 for low, high in pairwise(heights))
