"""Charts: well-formed, told in words, drawn where the numbers are."""

import xml.etree.ElementTree as ET
from decimal import Decimal
from typing import Any

import pytest

from lib.charts import Band, ForestRow, Scale, forest, forest_sentence, progress_bar

NS = "{http://www.w3.org/2000/svg}"


def row(label: str = "K-17", at: float = 3.22, **more: Any) -> ForestRow:
    values: dict[str, Any] = {
        "calibrated": at,
        "raw": at - 0.14,
        "band_50": Band(at - 0.1, at + 0.1),
        "band_80": Band(at - 0.26, at + 0.26),
        "band_95": Band(at - 0.4, at + 0.4),
    }
    return ForestRow(label=label, **{**values, **more})


def marks(svg: str) -> dict[str, str]:
    tree = ET.fromstring(svg)  # noqa: S314 (our own text)
    return {path.attrib["class"]: path.attrib["d"] for path in tree.iter(f"{NS}path")}


@pytest.mark.parametrize(
    "svg",
    [
        forest([row(), row("R <&> 04", is_current=True)], bar=2.8),
        forest([], title="nothing"),
        forest([ForestRow(label="x")], foot=0),
        progress_bar(3, 10),
        progress_bar(0, 0),
        progress_bar(12, 10),
    ],
)
def test_every_chart_stands_alone(svg: str) -> None:
    tree = ET.fromstring(svg)  # noqa: S314 (our own text)
    assert tree[0].tag == f"{NS}title"
    assert tree[0].text
    assert tree.attrib["role"] == "img"
    assert {each.tag for each in tree} <= {f"{NS}title", f"{NS}path"}
    for path in tree.iter(f"{NS}path"):
        assert path.attrib["class"].startswith("chart-")
        assert {"fill", "stroke", "d"} <= set(path.attrib)
    assert "style" not in svg
    assert "<text" not in svg


def test_marks_lie_where_the_values_are() -> None:
    drawn = marks(forest([row(at=2.5, raw=4, bar=1)], width=316, inset=8, row_height=28))
    assert drawn["chart-bar"].startswith("M8 28V")
    assert drawn["chart-dot"].startswith("M154 14a4 4 ")
    assert drawn["chart-ring"].startswith("M304.6 14a3.4 3.4 ")
    assert drawn["chart-grid"] == "M8 0V28M108 0V28M208 0V28M308 0V28"


def test_bands_end_at_the_scale() -> None:
    scale = Scale(1, 4, 316, 8)
    assert scale.x(9) == scale.x(4) == 308
    assert scale.x(Decimal(-1)) == 8
    drawn = marks(forest([row(band_95=Band(3, 4.7))], width=316))
    assert drawn["chart-band-95"].startswith("M208 12h100v")


def test_rows_with_one_bar_share_one_line_and_the_bob_hangs_below_the_last() -> None:
    rows = [row(bar=bar) for bar in (3, 3, 2, None)]
    svg = forest(rows, bar=Decimal("2.5"), width=316, row_height=10, foot=12)
    assert 'd="M208 0V20M108 20V30M158 30V40"' in svg
    assert marks(svg)["chart-bob"].startswith("M158 43l")
    assert "chart-bob" not in forest(rows, bar=2.5, foot=0)
    assert 'height="40"' in forest(rows, foot=0, row_height=10)


def test_what_is_not_observed_is_not_drawn_but_said() -> None:
    svg = forest([ForestRow(label="Ownership")])
    assert set(marks(svg)) == {"chart-grid"}
    assert "Ownership: not observed." in svg


def test_a_ring_at_the_place_of_the_dot_is_seen_around_it() -> None:
    drawn = marks(forest([row(at=2.5, raw=2.5)], width=316, row_height=28))
    assert "a4 4 " in drawn["chart-dot"]
    assert "a5.6 5.6 " in drawn["chart-ring"]


def test_the_sentence_has_the_numbers() -> None:
    assert forest_sentence([row()], bar=Decimal("2.8")) == (
        "K-17: calibrated 3.22, 80 % band 2.96 to 3.48, raw 3.08; bar 2.80."
    )
    assert forest_sentence([row()] * 250).startswith("250 rows")


def test_numbers_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="needs numbers"):
        forest([row(at=float("nan"))])


def test_one_path_per_colour_for_any_number_of_rows() -> None:
    assert forest([row()] * 250, bar=3).count("<path") == forest([row()], bar=3).count("<path")


def test_progress_fills_its_share() -> None:
    assert "h159.5v" in marks(progress_bar(1, 2))["chart-fill"]
    assert "chart-fill" not in progress_bar(0, 5)
    assert "<title>1 of 2</title>" in progress_bar(1, 2)
    assert "<title>120 of 200 reports &lt;ready</title>" in progress_bar(
        120, 200, title="120 of 200 reports <ready"
    )
