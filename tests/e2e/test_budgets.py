"""What a page may weigh on its first view, in a browser that has nothing yet."""

import gzip
import sys
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, Response

from tests.e2e.conftest import Pages
from tests.e2e.people import candidate, found, member, scorecard_address
from tests.e2e.test_candidate import enter, invite, saved
from tests.e2e.test_candidate import start as start_clock

KB = 1024
KEYED = r"/exercises/[0-9a-f-]{36}/"
WAITS_FOR = {"schema": ".cm-editor", "transcript": "#turn-80"}
SCHEMA = "\n".join(
    f"CREATE TABLE t{n} (id bigint PRIMARY KEY, up bigint REFERENCES t{max(0, n - 1)}, name text);"
    for n in range(12)
)
TALK = "\n\n".join(
    f"{'AI' if n % 2 else 'You'}: what of line {n}, {n * n} and {7 * n}?" for n in range(80)
)
# Shifts that no input caused, added up: never less than what the metric's windows would give.
COUNT_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Weight:
    """What came over the wire, compressed as a server in production does it."""

    requests: int = 0
    gz: dict[str, int] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    nodes: int = 0
    shift: float = 0

    def add(self, response: Response) -> None:
        kind = response.request.resource_type
        # Chromium asks for the icon in a window, not when headless: it is in no count.
        if "favicon" in response.url or response.url.startswith(("data:", "blob:")):
            return
        body = response.body()
        self.requests += 1
        self.files[kind] = self.files.get(kind, 0) + 1
        # Fonts are compressed already; files are compressed once and well, a page on its way.
        level = 6 if kind == "document" else 9
        size = len(body) if kind == "font" else len(gzip.compress(body, level))
        self.gz[kind] = self.gz.get(kind, 0) + size

    def of(self, kind: str) -> int:
        return self.gz.get(kind, 0)


def weigh(page: Page, address: str, *, waits_for: str = "main") -> Weight:
    """The page opened in a fresh browser that only knows who is looking."""
    seen: list[Response] = []
    page.add_init_script(COUNT_SHIFTS)
    page.on("response", lambda response: seen.append(response))
    page.goto(address, wait_until="networkidle")
    page.locator(waits_for).first.wait_for()
    page.evaluate("() => document.fonts.ready.then(() => 0)")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    weight = Weight()
    for response in seen:
        weight.add(response)
    weight.nodes = page.evaluate("() => document.querySelectorAll('*').length")
    weight.shift = page.evaluate("() => window.shifted")
    return weight


def address_of(pages: Pages, name: str) -> tuple[Page, str]:
    demo = pages.server.demo
    fixed = {
        "home": ("ana", "/"),
        "board": ("ana", f"/loops/{demo['loop']}/board/"),
        "debrief": ("marta", f"/debriefs/{demo['applications']['K-17']}/"),
        "exports": ("ana", "/exports/"),
        "library": ("ana", "/exercises/"),
    }
    if name in fixed:
        who, address = fixed[name]
        return member(pages, who), address
    if name == "exercise":
        # Not Ana: the letters of her name are a third font beside those of text and code.
        page = member(pages, "marta")
        return page, f"{found(page, '/exercises/', KEYED)}key/"
    if name == "scorecard":
        address = scorecard_address(member(pages, "dev"), "N-08")
        return member(pages, "dev"), address
    if name == "editor":
        return page_of_a_draft(pages)
    if name in {"warm-up", "schema", "transcript"}:
        return page_of_somebody_new(pages, name)
    first = candidate(pages, "W-71")
    address = first.get_by_role("link", name="Go on").get_attribute("href") or ""
    return pages.new(storage_state=first.context.storage_state()), address


def page_of_a_draft(pages: Pages) -> tuple[Page, str]:
    """The key of the library's password reset, opened as its next version."""
    page = member(pages, "marta")
    page.goto("/exercises/?q=password+reset")
    page.get_by_test_id("exercise-card").first.get_by_role("link").first.click()
    with page.expect_navigation():
        page.locator("form button[name=version]").click()
    return member(pages, "marta"), f"{page.url.split('?')[0]}?part=key"


def page_of_somebody_new(pages: Pages, name: str) -> tuple[Page, str]:
    slug = {"schema": "room-booking", "transcript": "cache-aside"}.get(name, "password-reset")
    first = pages.new()
    enter(first, invite(pages.server, slug)["link"])
    address = "/w/warm-up/"
    if name != "warm-up":
        start_clock(first)
        address = first.url
    if name == "schema":
        first.locator(".cm-content").click()
        first.keyboard.insert_text(SCHEMA)
        saved(first)
    if name == "transcript":
        panel = first.locator("#ai")
        if panel.get_attribute("open") is None:
            panel.locator("summary").first.click()
        first.get_by_test_id("transcript-input").fill(TALK)
        first.get_by_test_id("turn-80").wait_for()
        saved(first)
    return pages.new(storage_state=first.context.storage_state()), address


def limits(weight: Weight, name: str) -> list[tuple[str, float, float]]:
    total = sum(weight.gz.values())
    # The editor of SQL comes after the first paint, on this page alone, and is one file more.
    js, every, requests = (170, 320, 11) if name == "schema" else (30, 200, 10)
    return [
        ("JS gz", weight.of("script"), js * KB),
        ("CSS gz", weight.of("stylesheet"), 16 * KB),
        ("CSS files", weight.files.get("stylesheet", 0), 1),
        ("HTML gz", weight.of("document"), 60 * KB),
        ("fonts", weight.of("font"), 100 * KB),
        ("all", total, every * KB),
        ("requests", weight.requests, requests),
        ("nodes", weight.nodes, 3_000),
        ("CLS", weight.shift, 0.02),
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("home", "board", "workspace", "scorecard", "debrief", "exports", "exercise"),
        *("schema", "transcript", "warm-up", "library", "editor"),
    ],
)
def test_a_page_keeps_to_its_budget(
    pages: Pages, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page, address = address_of(pages, name)

    weight = weigh(page, address, waits_for=WAITS_FOR.get(name, "main"))

    figures = limits(weight, name)
    with capsys.disabled():
        told = ", ".join(f"{what} {got:,.4g} of {most:,}" for what, got, most in figures)
        sys.stdout.write(f"\n{name}: {told}\n")
    assert weight.of("document"), "nothing came"
    over = [f"{what} {got:,.4g} > {most:,}" for what, got, most in figures if got > most]
    assert not over, f"{over} {weight.files}"
