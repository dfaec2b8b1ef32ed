"""Who looks at the pages: signed in once per run through the form, then known by the cookie."""

import re
from typing import Any

from playwright.sync_api import Page

from tests.e2e.conftest import Pages

_known: dict[tuple[str, str], Any] = {}


def member(pages: Pages, key: str, **options: Any) -> Page:
    """A page of one of the demo's people ("ana", "ben", …)."""
    demo, at = pages.server.demo, (pages.server.url, key)
    if at not in _known:
        page = pages.signed_in(demo["users"][key]["email"], demo["password"])
        _known[at] = page.context.storage_state()
        page.context.close()
        pages.contexts.remove(page.context)
    return pages.new(storage_state=_known[at], **options)


def sign_in(page: Page, key: str, demo: dict[str, Any]) -> None:
    """Through the form, in this very window."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(demo["users"][key]["email"])
    page.locator("input[name=password]").fill(demo["password"])
    with page.expect_navigation(url=lambda url: "/accounts/login" not in url):
        page.locator("input[name=password]").press("Enter")


def candidate(pages: Pages, code: str, **options: Any) -> Page:
    """A page of the demo's candidate who goes on with the work from the link."""
    page = pages.new(**options)
    page.goto(pages.server.demo["links"][code])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/w/**")
    return page


def scorecard_address(page: Page, code: str) -> str:
    """Where this interviewer's first open scorecard of a candidate is."""
    page.goto("/inbox/")
    row = page.locator("[data-testid=inbox-row][data-state=to_score]").filter(has_text=code)
    return row.first.get_by_role("link").get_attribute("href") or ""


def found(page: Page, at: str, pattern: str) -> str:
    """The first address on the page `at` that looks like this."""
    hit = re.search(rf'href="({pattern})["?#]', page.request.get(at).text())
    assert hit, f"{at} links to nothing like {pattern}"
    return hit[1]


def lose_power(page: Page) -> None:
    """Closes the window, and nothing of it goes out any more: Chromium lets go of set_offline while
    a page closes, which the page takes for a network that has come back."""
    page.evaluate("() => void (window.fetch = () => new Promise(() => {}))")
    page.close()
