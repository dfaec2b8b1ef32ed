"""One scorecard PDF: beside a bare document, beside Chromium, and many in a row."""

import argparse
import os
import statistics
from pathlib import Path
from typing import Any

from bench.parts.measure import (
    cpu_of,
    memory_of,
    milliseconds,
    paired,
    resident,
    spent,
    tell,
    tree,
)
from bench.parts.world import set_up

BARE = "<!doctype html><html lang=en><title>Bare</title><h1>Bare</h1><p>One page.</p>"
FONTS = "http://fonts.example/"


def beside_a_bare_document(data: dict[str, Any]) -> float:
    """Seconds of one scorecard."""
    from weasyprint import HTML
    from weasyprint.text.fonts import FontConfiguration

    from reports import pdf

    fonts = FontConfiguration()
    ratio, own, bare = paired(
        lambda: pdf.render(data),
        lambda: HTML(string=BARE).write_pdf(font_config=fonts),
        times=2,
        base_times=10,
    )
    measured = f"{ratio:.1f} ({milliseconds(own, bare)})"
    tell("scorecard PDF / bare one-page document, CPU", "<= 25", measured, ratio <= 25)
    return own


def growth(data: dict[str, Any], documents: int) -> float:
    """MB of this process after many documents, of which no two are the same."""
    from reports import pdf

    start = 0.0
    for number in range(1, documents + 1):
        pdf.render({**data, "title": f"Candidate K-{number}"})
        if number == 10:
            start = resident()
    end = resident()
    what = f"memory growth, 10th to {documents:,}th PDF; process"
    measured = f"{end - start:.1f} MB; {end:.0f} MB"
    tell(what, "<= 10 MB; <= 150 MB", measured, end - start <= 10 and end <= 150)
    return memory_of([os.getpid()])


def beside_chromium(data: dict[str, Any], memory: float) -> None:
    """The same HTML, style sheet and fonts, printed again and again in one open browser."""
    from django.template.loader import render_to_string
    from playwright.sync_api import Route, sync_playwright

    from reports import pdf

    css = render_to_string("reports/scorecard.css").replace(pdf.SCHEME, FONTS)
    html = pdf.markup(data).replace("</head>", f"<style>{css}</style></head>")

    def font(route: Route) -> None:
        body = (pdf.FONTS / route.request.url.removeprefix(FONTS)).read_bytes()
        route.fulfill(body=body, headers={"Access-Control-Allow-Origin": "*"})

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page()
        page.route(f"{FONTS}**", font)

        def printed() -> bytes:
            page.set_content(html, wait_until="networkidle")
            return page.pdf(prefer_css_page_size=True, tagged=True, print_background=True)

        for _ in range(3):
            printed()
        ratios, theirs, ours = [], [], []
        for _ in range(5):
            before = cpu_of(chromium())
            for _ in range(3):
                printed()
            theirs.append((cpu_of(chromium()) - before) / 3)
            ours.append(spent(lambda: pdf.render(data), 3))
            ratios.append(ours[-1] / theirs[-1])
        used = memory_of(chromium())
        browser.close()
    ratio = statistics.median(ratios)
    measured = f"{ratio:.2f} ({milliseconds(statistics.median(ours), statistics.median(theirs))})"
    tell("scorecard PDF / Chromium's warm print, CPU", "<= 1.3", measured, ratio <= 1.3)
    measured = f"1/{used / memory:.1f} ({memory:.0f} / {used:.0f} MB)"
    tell("scorecard PDF / Chromium's warm print, memory", "<= 1/6", measured, used >= 6 * memory)


def chromium() -> list[int]:
    """The browser's processes, without Playwright's own."""
    found = []
    for pid in tree(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            continue
        if b"chrom" in command:
            found.append(pid)
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=200)
    documents = parser.parse_args().documents
    set_up()
    from reports import pdf
    from tests.reports.samples import sample

    pdf.preload()  # as the worker does
    data = sample()
    memory = growth(data, documents)
    beside_a_bare_document(data)
    beside_chromium(data, memory)


if __name__ == "__main__":
    main()
