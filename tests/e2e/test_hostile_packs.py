"""J20 in a real browser: a pack of ill will in library, editor, work and scorecard runs nothing.

That no request leaves the site and that the console stays silent, every journey asserts
(tests.e2e.conftest.Watch).
"""

import re
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Pages
from tests.e2e.people import member
from tests.e2e.test_candidate import enter, invite, saved, start
from tests.exercises.packs import exercise, hostile, zipped
from tests.hostile import CALCULATED, EVERY, LINE

expect.set_options(timeout=15_000)
# New in every run, so that it may run again on the same demo.
SLUG = f"e2e-{uuid.uuid4().hex[:8]}"
ASK = """
from accounts.models import User
from screening.actions.assignments import assign_interviewer
from screening.models import Assignment
ana, femi = (User.objects.get(email=one) for one in {emails!r})
for row in Assignment.objects.filter(pk__in={rows!r}[:1]):
    assign_interviewer(by=ana, assignment=row, interviewer=femi)
print("DONE" + str(femi.scorecards.get(assignment={rows!r}[0]).pk))
"""


def watched(page: Page) -> Page:
    page.on("dialog", lambda dialog: pytest.fail(f"A dialog: {dialog.message}"))
    return page


def look(page: Page, address: str = "") -> None:
    """Nothing of it became an element; no word is wider than its page."""
    if address:
        page.goto(address, wait_until="networkidle")
    for selector in ("img", "iframe", "main style", "main script", "[onload], [onerror]"):
        assert page.locator(selector).count() == 0, f"{selector} on {page.url}"
    assert page.evaluate("() => innerWidth + 1 >= document.documentElement.scrollWidth"), page.url
    assert CALCULATED not in page.content()


def imported(page: Page, folder: Path) -> str:
    """The pack in the library; the address of its exercise."""
    files = {f"{SLUG}/{path}": text for path, text in exercise(SLUG, **hostile(SLUG)).items()}
    (folder / "pack.zip").write_bytes(zipped(files))
    page.goto("/exercises/packs/new/")
    page.get_by_label("Pack").set_input_files(folder / "pack.zip")
    page.get_by_role("button", name="Upload and preview").click()
    page.wait_for_url("**/packs/**")
    look(page)
    page.get_by_role("button", name=re.compile("^Import")).click()
    expect(page.get_by_text("was published")).to_be_visible()
    look(page)
    at = urlsplit(page.url).path
    look(page, "/exercises/")
    card = page.locator("[data-testid=exercise-card]").filter(has_text="alert(1)")
    expect(card.get_by_role("link").first).to_have_attribute("href", at)
    return at


def written(ana: Page, at: str) -> None:
    """Every page of the library and of the editor, and the preview as a candidate."""
    for tab in ("", "?tab=fix", "?tab=probes", "?tab=answers", "?tab=history", "key/?flaw=all"):
        look(ana, f"{at}{tab}")
    look(ana, at)
    with ana.expect_navigation():
        ana.locator("form button[name=version]").click()
    editor = ana.url.split("?")[0]
    for part in ("facts", "brief", "files", "key", "probes", "answers"):
        look(ana, f"{editor}?part={part}")
    for name in ("preview", "checks", "publish"):
        look(ana, f"{editor}{name}/")


def commented(kim: Page) -> None:
    start(kim)
    kim.locator("button.ln").first.click()
    kim.get_by_test_id("comment-form").get_by_role("textbox").fill(EVERY)
    kim.keyboard.press("Control+Enter")
    kim.locator("[name=overall]").fill(EVERY)
    if kim.locator("#ai").get_attribute("open") is None:
        kim.locator("#ai summary").first.click()
    kim.get_by_test_id("transcript-input").fill(f"You: {LINE}\n\nAI: {EVERY}")
    expect(kim.get_by_test_id("turn-2")).to_be_visible()
    kim.get_by_label("Turn 2: why").fill(LINE)
    saved(kim)
    kim.reload()
    look(kim)
    handed_in(kim)


def handed_in(kim: Page) -> None:
    kim.get_by_role("button", name="Review and submit").click()
    look(kim)
    kim.get_by_test_id("hand-in").click()
    kim.wait_for_url("**/receipt/")
    look(kim)


def judged(femi: Page, card: str) -> None:
    look(femi, f"/scorecards/{card}/")
    for key in "]q":
        femi.keyboard.press(key)
    expect(femi.locator(".criterion[aria-current] .quote").first).to_be_visible()
    femi.get_by_test_id("thread-1").first.focus()
    femi.keyboard.press("m")
    femi.locator(".mark-menu [data-as]").first.click()
    femi.locator(".key-more:has([name='probe:1']) summary").click()
    femi.locator("[name='probe:1']").fill(EVERY)
    femi.locator("textarea[name=summary]").fill(EVERY)
    saved(femi)
    look(femi)
    look(femi, f"/scorecards/{card}/")


def test_nothing_of_ill_will_runs_for_author_candidate_or_panel(
    pages: Pages, tmp_path: Path
) -> None:
    ana = watched(member(pages, "ana"))
    written(ana, imported(ana, tmp_path))
    told = invite(pages.server, SLUG)
    kim = watched(pages.new())
    enter(kim, told["link"])
    commented(kim)
    emails = [pages.server.demo["users"][who]["email"] for who in ("ana", "femi")]
    code = ASK.format(emails=emails, rows=told["rows"])
    card = pages.server.manage("shell", "-v", "0", "-c", code).split("DONE", 1)[1].strip()
    femi = watched(member(pages, "femi"))
    look(femi, "/inbox/")
    judged(femi, card)
    look(ana, f"/applications/{told['application']}/")
