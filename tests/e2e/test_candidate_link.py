"""The candidate's link and clock: J5, J19, J21, and work that comes when the time is over."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Pages
from tests.e2e.people import lose_power, member
from tests.e2e.work import enter, hand_in, invite, saved, see, shell, start, thread

expect.set_options(timeout=15_000)
NO_NETWORK = "ERR_INTERNET_DISCONNECTED"
SAVING = re.compile(r"/save/$")
NOW = "from django.utils import timezone; from datetime import timedelta; now = timezone.now();"
ENDING = {"revoked": "revoked_at=now", "expired": "expires_at=now - timedelta(minutes=1)"}


def sick(route: Route) -> None:
    route.fulfill(status=503, body="sick", content_type="text/plain")


# --- J5 ----------------------------------------------------------------------------------------


def copied_link(pages: Pages, application: str) -> str:
    """What stands in the clipboard after the recruiter has pressed Copy on their own page."""
    ana = member(pages, "ana", permissions=["clipboard-read", "clipboard-write"])
    ana.goto(f"/applications/{application}/")
    ana.get_by_test_id("copy-link").first.click()
    shown = ana.get_by_test_id("candidate-link")
    expect(shown).to_be_visible()
    ana.get_by_test_id("copy-link").first.click()
    expect(ana.locator("#said")).to_contain_text("Copied")
    link = ana.evaluate("() => navigator.clipboard.readText()")
    assert link == shown.input_value()
    see(ana)
    return str(link)


def test_from_the_recruiters_clipboard_to_a_running_clock_with_a_warm_up_between(
    pages: Pages,
) -> None:
    told = invite(pages.server, "password-reset")
    page = pages.new()
    page.goto(copied_link(pages, told["application"]))
    see(page)
    page.get_by_role("button", name="Continue").click()
    see(page)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Agree and go on").click()
    see(page)
    page.get_by_role("link", name="Two minutes to try it out").click()
    page.get_by_test_id("line-8").get_by_role("button").click()
    page.get_by_test_id("comment-form").get_by_role("textbox").fill("Half a pot cannot be ma")
    saved(page)
    see(page)
    page.reload()
    form = page.get_by_test_id("comment-form")
    expect(form.get_by_role("textbox")).to_have_value("Half a pot cannot be ma")
    form.get_by_role("button", name="Save comment").click()
    saved(page)
    page.reload()
    expect(thread(page, "Half a pot")).to_be_visible()
    expect(page.get_by_test_id("comment-form")).to_have_count(0)
    page.get_by_role("link", name="To the exercises").click()
    start(page)
    expect(page.get_by_test_id("clock")).to_contain_text(re.compile(r"(39|40) min left"))
    see(page)


# --- J19 ---------------------------------------------------------------------------------------


def test_a_preview_of_the_link_starts_nothing(pages: Pages) -> None:
    told = invite(pages.server, "password-reset")
    page = pages.new()
    for _look in range(2):
        assert page.request.head(told["link"]).status == 200
        assert page.request.get(told["link"]).status == 200
    enter(page, told["link"])
    row = page.get_by_test_id("exercise-row").first
    expect(row).to_contain_text("not begun")
    address = row.get_by_role("link").first.get_attribute("href")
    for _look in range(2):
        assert page.request.head(address).status == 200
        assert page.request.get(address).status == 200
    page.reload()
    expect(row).to_contain_text("not begun")


@pytest.mark.parametrize("how", ENDING)
def test_wrong_and_ended_links_are_one_page_that_starts_nothing(pages: Pages, how: str) -> None:
    told = invite(pages.server, "password-reset", "room-booking")
    page = pages.new()
    enter(page, told["link"])
    start(page, 0)
    shell(
        pages.server,
        f"{NOW} from screening.models import Invitation;"
        f"Invitation.objects.filter(application={told['application']!r}).update({ENDING[how]})",
    )
    seen = set()
    first, second = told["rows"][:2]
    for address in (told["link"], "/w/", f"/w/{first}/workspace/", f"/w/{second}/", "/c/wrong/"):
        assert page.request.head(address).status == 404
        answer = page.goto(address)
        assert answer.status == 404
        seen.add(page.locator("main").inner_text())
    assert len(seen) == 1
    see(page)
    stage = member(pages, "ana")
    stage.goto(f"/applications/{told['application']}/")
    begun = stage.get_by_test_id("stage").filter(has=stage.get_by_text("started", exact=False))
    expect(begun).to_have_count(1)


def test_a_finished_link_opens_nothing_and_the_device_keeps_its_receipts(pages: Pages) -> None:
    told = invite(pages.server, "password-reset", "room-booking")
    page = pages.new()
    enter(page, told["link"])
    for number in range(2):
        start(page, number)
        hand_in(page)
    see(page)
    when = page.get_by_test_id("receipt").locator("dd").first.inner_text()

    last = told["rows"][1]
    for address in (f"/w/{last}/", f"/w/{last}/workspace/"):
        assert page.request.head(address).status == 200
        assert page.request.get(address).status == 200
    page.goto("/w/")
    rows = page.get_by_test_id("exercise-row")
    expect(rows.get_by_role("link", name="Receipt")).to_have_count(2)
    expect(rows.get_by_role("link", name="Read first")).to_have_count(0)
    see(page)
    rows.nth(1).get_by_role("link", name="Receipt").click()
    expect(page.get_by_test_id("receipt").locator("dd").first).to_have_text(when)

    other = pages.new()
    assert other.request.head(told["link"]).status == 404
    assert other.goto(told["link"]).status == 404
    expect(other.locator("main")).to_contain_text("If you have handed everything in")
    see(other)


# --- J21 ---------------------------------------------------------------------------------------


def test_minutes_given_by_the_recruiter_show_at_once_and_unsaved_words_stay(pages: Pages) -> None:
    pages.expect("503")
    told = invite(pages.server, "room-booking")
    page = pages.new()
    enter(page, told["link"])
    start(page)
    clock = page.get_by_test_id("clock")
    expect(clock).to_contain_text(re.compile(r"(39|40) min left"))
    page.route(SAVING, sick)
    decisions = page.get_by_label("Decisions")
    decisions.press_sequentially("An exclusion constraint")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "error")

    ana = member(pages, "ana")
    ana.goto(f"/applications/{told['application']}/")
    stage = ana.get_by_test_id("stage").filter(has_text="booking rooms")
    stage.get_by_text("+15 min").click()
    stage.locator("details[open] form button").first.click()
    expect(stage).to_contain_text("40 + 15 min")
    see(ana)

    expect(clock).to_contain_text(re.compile(r"(54|55) min left"))
    expect(decisions).to_be_focused()
    decisions.press_sequentially(", kept")
    expect(decisions).to_have_value("An exclusion constraint, kept")
    page.unroute(SAVING)
    saved(page)
    page.reload()
    expect(decisions).to_have_value("An exclusion constraint, kept")


# --- Without a network, and after the time -----------------------------------------------------


def test_offline_is_told_over_the_page_and_what_was_written_outlives_it(pages: Pages) -> None:
    # The clock asks every ten seconds, and htmx tells the console that nobody answered.
    pages.expect(rf"{NO_NETWORK}|htmx:(afterRequest|sendError)")
    told = invite(pages.server, "password-reset")
    page = pages.new()
    enter(page, told["link"])
    start(page)
    saved(page)
    here, context = page.url, page.context
    context.set_offline(True)
    panel = page.get_by_role("tabpanel").filter(visible=True)
    panel.locator("button.ln").nth(40).click()
    page.get_by_test_id("comment-form").get_by_role("textbox").fill("Written in a tunnel")
    page.keyboard.press("Control+Enter")
    page.get_by_label("What would you tell the author first").fill("Do not ship.")
    banner = page.locator("[data-offline-banner]")
    expect(banner).to_be_visible()
    expect(banner).to_be_in_viewport()
    expect(banner).to_contain_text("kept on this device")
    expect(page.get_by_test_id("save-state")).to_contain_text("Offline: 2 changes kept")
    see(page)

    lose_power(page)
    context.set_offline(False)
    page = context.new_page()
    assert "Written in a tunnel" not in page.request.get(here).text()
    page.goto(here)

    expect(thread(page, "Written in a tunnel")).to_be_visible()
    expect(page.get_by_label("What would you tell the author first")).to_have_value("Do not ship.")
    saved(page)
    assert "Written in a tunnel" in page.request.get(here).text()
    expect(page.locator("[data-offline-banner]")).to_be_hidden()


def expect_both_times(page: Page) -> None:
    parts = page.get_by_test_id("late-parts")
    expect(parts).to_contain_text("1 part came after the time ended at")
    expect(parts).to_contain_text(
        re.compile(
            r"Decisions: written .*\d\d:\d\d UTC by the device’s clock, received .*\d\d:\d\d"
        )
    )
    see(page)


def test_work_synced_late_is_kept_and_marked_with_both_times(pages: Pages) -> None:
    pages.expect("503")
    told = invite(pages.server, "room-booking")
    page = pages.new()
    enter(page, told["link"])
    start(page)
    page.get_by_test_id("ddl-source").fill("CREATE TABLE rooms (id bigint PRIMARY KEY);")
    saved(page)
    page.route(SAVING, sick)
    page.get_by_label("Decisions").fill("Written in time, on a train")
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "error")
    # Whatever was saved stays in time: the clock ends now.
    shell(
        pages.server,
        f"{NOW} from screening.models import Assignment;"
        f"row = Assignment.objects.get(pk={told['rows'][0]!r});"
        "row.started_at = now - timedelta(minutes=row.minutes); row.save()",
    )
    expect(page.get_by_test_id("clock")).to_contain_text("time is up")
    page.unroute(SAVING)
    saved(page)

    hand_in(page)

    expect(page.get_by_test_id("late")).to_contain_text("late: the time ended at")
    expect(page.get_by_test_id("receipt")).to_contain_text("Written in time, on a train")
    expect_both_times(page)
    dev = member(pages, "dev")
    dev.goto(told["cards"][0])
    expect(dev.get_by_test_id("late")).to_contain_text("Handed in late")
    dev.get_by_test_id("late-parts").locator("summary").click()
    expect_both_times(dev)
