import csv
import io

import pytest

from lib.csv_out import attachment, guard, render


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠A"),
        *("  =1", "\ufeff=1", "\u00a0\u3000@A", "\u200b=1", " \ufeff \t-x", "﹦1", "\x01=1"),
    ],
)
def test_what_could_run_gets_an_apostrophe(text):
    assert guard(text) == "'" + text


@pytest.mark.parametrize(
    "value", ["Kim", "", "a=b", "1-2", "-5", "-5.25", "12", -5, 2.5, None, "é", "'=1", " Kim = x"]
)
def test_the_rest_stays(value):
    assert guard(value) == value


def test_cells_survive_quotes_and_line_ends():
    rows = [["a,b", 'say "hi"', "two\nlines"], ["=1", "-3", None]]
    read = list(csv.reader(io.StringIO(render(rows), newline="")))
    assert read == [["a,b", 'say "hi"', "two\nlines"], ["'=1", "-3", ""]]


def test_a_download_says_what_it_is():
    answer = attachment([["Zoë"]], name="wrong-rows.csv")
    assert answer.content == "\ufeffZoë\r\n".encode()
    assert answer["Content-Disposition"] == 'attachment; filename="wrong-rows.csv"'
