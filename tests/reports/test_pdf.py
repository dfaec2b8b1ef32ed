"""The document: tagged, whole, bounded, the same for the same data, and deaf to what it prints."""

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pikepdf
import pytest
from django.conf import settings

from reports import evidence, pdf
from tests.reports.samples import sample

HOSTILE = (
    '</td></tr></table><script>alert(1)</script><img src="{canary}/img"><style>@import'
    ' url({canary}/css);td{{background:url({canary}/bg)}}</style><link rel="stylesheet"'
    ' href="{canary}/link"><link rel="attachment" href="file:///etc/passwd"><object'
    ' data="file:///etc/passwd"></object><svg><image href="{canary}/svg"/><use'
    ' href="{canary}/use#a"/></svg><iframe src="{canary}/frame"></iframe>'
    "<table><td colspan=100000>{{{{ settings.SECRET_KEY }}}}{{% debug %}}"
)


@pytest.fixture(scope="module")
def made() -> pdf.Pdf:
    return pdf.render(sample())


@pytest.fixture(scope="module")
def document(made: pdf.Pdf) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(made.content)) as opened:
        yield opened


@pytest.fixture
def canary() -> Iterator[Any]:
    """An address nobody may call, and the list of calls."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server.calls = calls  # type: ignore[attr-defined]
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def elements(node: Any, found: list[Any] | None = None) -> list[Any]:
    """Every structure element of the tag tree."""
    found = [] if found is None else found
    kids = node.get("/K")
    if kids is None or isinstance(kids, int):
        return found
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            found.append(kid)
            elements(kid, found)
    return found


def fonts(document: pikepdf.Pdf) -> list[pikepdf.Object]:
    found = []
    for page in document.pages:
        for font in page.Resources.get("/Font", {}).values():
            found += list(font.get("/DescendantFonts", [font]))
    return found


def test_a_panel_of_four_and_seven_criteria_fills_two_pages(made):
    assert made.pages == 2
    assert len(made.content) < 200_000


def test_letter_paper_and_its_two_pages():
    made = pdf.render({**sample(), "paper": "Letter"})
    with pikepdf.open(io.BytesIO(made.content)) as document:
        width, height = (float(v) for v in document.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (612, 792)


def test_tagged_titled_in_its_language(document):
    root = document.Root
    assert root.MarkInfo.Marked
    assert str(root.Lang) == "en"
    assert root.ViewerPreferences.DisplayDocTitle
    with document.open_metadata() as meta:
        assert meta["dc:title"] == "Candidate K-17, Backend engineer, senior: scorecard"
        assert meta["pdfuaid:part"] == "1"


def test_one_h1_no_skipped_level_and_cells_that_know_their_heads(document):
    tree = elements(document.Root.StructTreeRoot)
    tags = [str(node.S) for node in tree]
    assert tags.count("/H1") == 1
    assert "/H2" in tags
    assert "/H4" not in tags
    scopes = [node for node in tree if str(node.S) == "/TH" and "/A" in node]
    assert scopes
    figures = [node for node in tree if str(node.S) == "/Figure"]
    assert figures
    assert all(str(node.get("/Alt", "")) for node in figures)


def test_every_font_is_ours_and_embedded(document):
    found = fonts(document)
    assert found
    for font in found:
        assert "/FontFile2" in font.FontDescriptor or "/FontFile3" in font.FontDescriptor
        assert "+Plumbline" in str(font.BaseFont)  # the family of our style sheet


def test_the_same_data_gives_the_same_bytes(made):
    assert pdf.render(sample()).content == made.content


@pytest.mark.slow
def test_also_in_another_process(made, tmp_path):
    code = (
        "import django,json,sys,hashlib;django.setup();from reports import pdf;"
        "print(hashlib.sha256(pdf.render(json.load(sys.stdin)).content).hexdigest())"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "VAR_DIR": str(tmp_path),
        "PYTHONHASHSEED": "7",
    }
    ran = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(sample()),
        capture_output=True,
        text=True,
        check=True,
        cwd=settings.BASE_DIR,
        env=environment,
    )
    assert ran.stdout.strip() == hashlib.sha256(made.content).hexdigest()


def infest(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        keep = {"lang", "paper", "format", "marks", "number", "point", "is_figure", "quoted"}
        return {k: v if k in keep else infest(v, text) for k, v in value.items()}
    if isinstance(value, list):
        return [infest(each, text) for each in value]
    return f"{value} {text}" if isinstance(value, str) else value


def test_hostile_text_is_printed_and_never_obeyed(canary):
    text = HOSTILE.format(canary=f"http://127.0.0.1:{canary.server_port}")
    data = infest(sample(), text)
    html = pdf.markup(data)
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("<style") == 0
    pdf.render({**data, "evidence": data["evidence"][:2]})
    assert canary.calls == []
    assert pdf.render(sample()).pages == 2


def test_even_markup_of_ours_fetches_nothing(canary):
    """If a text ever got through as markup, it would still reach neither network nor disk."""
    text = HOSTILE.format(canary=f"http://127.0.0.1:{canary.server_port}")
    engine = pdf._engine(os.getpid())
    out = io.BytesIO()
    engine.lay_out(f"<html lang=en><title>x</title><body>{text[35:600]}</body>").write_pdf(out)
    assert canary.calls == []
    with pikepdf.open(out) as document:
        assert not document.attachments
    assert b"root:x" not in out.getvalue()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x", "file:///etc/passwd", "data:text/css,a", "plumbline:../x", ""]
)
def test_the_fetcher_refuses_whatever_is_not_our_font(url):
    with pytest.raises(ValueError, match="not one of our fonts"):
        pdf._fetcher().fetch(url)


def test_long_evidence_flows_on_and_references_follow():
    data = sample()
    for group in data["evidence"]:
        for row in group["rows"]:
            row["notes"] = [{"text": "word " * 120, "quoted": True, "anchor": "L1"}]
    made = pdf.render(data)
    assert made.pages > 3
    engine = pdf._engine(os.getpid())
    pages = pdf._evidence_pages(engine.lay_out(pdf.markup(data)))
    assert pages[1] == 2
    assert pages[7] > 3
    assert f"p. {pages[5]}</a>" in pdf.markup(data, pages)


def test_a_document_over_a_megabyte_is_refused_in_words():
    data = sample()
    data["evidence"][0]["rows"][0]["notes"] = [{"text": "x " * 600_000, "quoted": True}]
    with pytest.raises(pdf.Unprintable, match="too long"):
        pdf.render(data)
    assert pdf.render(sample()).pages == 2


def test_too_many_pages_are_refused_in_words(monkeypatch):
    monkeypatch.setattr(pdf, "MAX_PAGES", 1)
    with pytest.raises(pdf.Unprintable, match="2 pages"):
        pdf.render(sample())


def test_words_without_an_end_get_one_and_hidden_signs_show():
    line = evidence.plain("a" * 200 + "\n\n b \u202ereversed")
    assert max(len(word) for word in line.split()) <= evidence.LONGEST_WORD
    assert "\u202e" not in line
    assert evidence.plain("one two three four", 12) == "one two…"


def test_without_a_calibrated_score_the_raw_one_leads():
    data = sample()
    data["has_calibrated"] = False
    for row in [*data["criteria"], data["total"]]:
        row["calibrated"] = ""
        row["marks"] = {"raw": row["marks"]["raw"], "bar": 3, "calibrated": None}
    html = pdf.markup(data)
    assert ">calibrated<" not in html
    assert pdf.render(data).pages == 2


def test_nothing_observed_at_all_is_still_a_document():
    data = sample()
    for row in [*data["criteria"], data["total"]]:
        row["marks"] = {"raw": None, "bar": None, "calibrated": None}
    assert pdf.render({**data, "evidence": []}).pages == 2


def test_eleven_criteria_still_leave_page_one_to_itself():
    data = sample()
    data["criteria"] = (data["criteria"] * 2)[:11]
    assert pdf.render({**data, "evidence": []}).pages == 2
