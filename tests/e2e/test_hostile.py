"""Hostile text in every field and upload of a candidate is text, on both sides (J20)."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Pages
from tests.e2e.people import member
from tests.e2e.work import enter, invite, saved, start

expect.set_options(timeout=15_000)
HOSTILE = (
    "<img src=x onerror=alert(1)></textarea><script>alert(2)</script>"
    "<svg onload=alert(3)> {{ 7|add:7 }} =1+1 \u202eexe"
)
TALK = f"**You:** {HOSTILE}\n\n**AI:** {HOSTILE}"
NAME = "<img src=x onerror=alert(4)>.md"
TRAP = "javascript:alert(5)"
MARK = "onerror=alert(1)"


class Inert:
    """Nothing of it ran and nothing of it became an element, on any page that was looked at."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def watch(self, page: Page) -> Page:
        def on_dialog(dialog) -> None:
            self.ran.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", on_dialog)
        return page

    def check(self, page: Page) -> None:
        assert page.locator("img[src=x], svg[onload], [onerror]").count() == 0
        assert page.locator("a[href^='javascript:' i]").count() == 0
        assert self.ran == []


def fill_all(page: Page) -> int:
    """Every text of the page, whatever it is called."""
    page.locator("main details").evaluate_all("(all) => all.forEach((one) => (one.open = true))")
    boxes = page.locator(
        "textarea[data-field], input:not([type=radio], [type=checkbox])[data-field]"
    )
    filled = moments = 0
    for box in boxes.all():
        field = box.get_attribute("data-field") or ""
        moments += field.startswith("moment:")
        if field.startswith("moment:") and moments > 3:
            continue  # there are three at most
        if field.startswith("link"):
            box.fill("https://evil.example/?q=onerror=alert(1)")
        elif field != "transcript":
            box.fill(HOSTILE)
        filled += 1
    return filled


def upload(page: Page, form: str) -> None:
    page.locator(form).set_input_files(
        {"name": NAME, "mimeType": "text/markdown", "buffer": TALK.encode()}
    )
    there = page.get_by_test_id("attachment").filter(has_text="alert(4)")
    before = there.count()
    button = page.locator("form").filter(has=page.locator(form)).get_by_role("button")
    with page.expect_navigation():
        button.filter(has_text="Upload").click()
    expect(there).to_have_count(before + 1)


@pytest.mark.parametrize(
    ("slug", "least"),
    [("password-reset", 4), ("room-booking", 8), ("portfolio-review", 20), ("campsite-payment", 4)],
)
def test_hostile_text_is_inert_in_every_field_and_upload(
    pages: Pages, slug: str, least: int
) -> None:
    told = invite(pages.server, slug)
    inert = Inert()
    page = inert.watch(pages.new())
    enter(page, told["link"])
    start(page)
    if slug == "password-reset":
        page.get_by_role("tabpanel").filter(visible=True).locator("button.ln").first.click()
        page.get_by_test_id("comment-form").get_by_role("textbox").fill(HOSTILE)
        page.keyboard.press("Control+Enter")
    if page.get_by_test_id("transcript-input").count():
        page.locator("#ai").evaluate("(fold) => { fold.open = true }")
        page.get_by_label("I used one").check()
        page.get_by_test_id("transcript-input").fill(TALK)
        expect(page.get_by_test_id("turn-2")).to_contain_text(MARK)
        saved(page)
        inert.check(page)
        upload(page, "#f-file")
    if slug == "portfolio-review":
        upload(page, "#f-file-1")
    filled = fill_all(page)
    assert filled >= least
    saved(page)
    page.reload()
    saved(page)
    inert.check(page)

    if slug in {"portfolio-review", "campsite-payment"}:
        # An address that would run is refused in words, and stays a text while it is mended.
        field = page.locator("[data-field^=link]").first
        good = field.input_value()
        field.fill(TRAP)
        expect(page.get_by_text("is no link")).to_be_visible()
        inert.check(page)
        field.fill(good)
        saved(page)

    page.get_by_role("button", name="Review and submit").click()
    expect(page.get_by_test_id("review")).to_contain_text(MARK)
    inert.check(page)
    page.get_by_test_id("hand-in").click()
    expect(page.get_by_test_id("receipt")).to_contain_text(MARK)
    inert.check(page)

    dev = inert.watch(member(pages, "dev"))
    dev.goto(told["cards"][0])
    for tab in dev.locator(".work-head [role=tab]").all():
        tab.click()
        inert.check(dev)
    expect(dev.locator(".desk-work")).to_contain_text(MARK)
    expect(dev.locator(".desk-work")).to_contain_text("{{ 7|add:7 }}")


def test_hostile_text_is_inert_in_the_warm_up(pages: Pages) -> None:
    told = invite(pages.server, "password-reset")
    inert = Inert()
    page = inert.watch(pages.new())
    enter(page, told["link"])
    page.get_by_role("link", name="Two minutes to try it out").click()
    page.get_by_test_id("line-8").get_by_role("button").click()
    page.get_by_test_id("comment-form").get_by_role("textbox").fill(HOSTILE)
    page.keyboard.press("Control+Enter")
    saved(page)
    page.reload()
    expect(page.locator("[data-comment]")).to_contain_text(MARK)
    inert.check(page)
