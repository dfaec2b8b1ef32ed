import re

import pytest

from lib import forest_rows
from lib.charts import Band, ForestRow

ROW = ForestRow(
    label="K-17 <b>",
    calibrated=2.5,
    raw=1,
    band_50=Band(2, 3),
    band_80=Band(1.5, 3.5),
    band_95=Band(1, 4),
)


def test_a_row_has_every_mark_at_its_place():
    svg = forest_rows.row(ROW, bar=4)
    assert re.search(r'class="mean" cx="50.00%"', svg)
    assert re.search(r'class="raw" cx="3.00%"', svg)
    assert re.search(r'class="bar-line" x1="97.00%"', svg)
    widths = re.findall(r'class="band-(\d+)" x="[\d.]+%" width="([\d.]+)%"', svg)
    assert widths == [("95", "94.00"), ("80", "62.67"), ("50", "31.33")]
    assert svg.count('class="grid"') == 4


def test_its_words_are_its_title_and_safe():
    svg = forest_rows.row(ROW, bar=3)
    assert "<title>K-17 &lt;b&gt;: calibrated 2.50, 80 % band 1.50 to 3.50, raw 1.00" in svg
    assert 'role="img"' in svg


def test_nothing_known_draws_the_grid_only():
    svg = forest_rows.row(ForestRow(label="K-1"))
    assert "circle" not in svg
    assert "rect" not in svg
    assert "K-1: not observed" in svg


@pytest.mark.parametrize(("value", "x"), [(0, "3.00%"), (5, "97.00%")])
def test_what_lies_outside_lies_on_the_edge(value, x):
    assert f'cx="{x}"' in forest_rows.row(ForestRow(label="K-1", raw=value))


def test_axis_and_foot_are_for_the_eye():
    assert re.findall(r">(\d)</text>", forest_rows.axis()) == ["1", "2", "3", "4"]
    foot = forest_rows.foot(2.5, "senior <bar>")
    assert 'x="50.00%"' in foot
    assert "senior &lt;bar&gt;" in foot
    assert 'aria-hidden="true"' in foot
