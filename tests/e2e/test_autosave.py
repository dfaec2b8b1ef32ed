"""Nothing typed is ever lost: reloads, dead networks, dead sessions, sick servers, two windows."""

import re
import sys
import uuid
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.e2e.conftest import Pages
from tests.e2e.people import candidate, lose_power, member, scorecard_address, sign_in

expect.set_options(timeout=15_000)
SAVING = re.compile(r"/save/$")
NO_NETWORK = "ERR_INTERNET_DISCONNECTED"


def words(what: str) -> str:
    """New in every run, so that a test may run again on the same demo."""
    return f"{what} {uuid.uuid4().hex[:8]}"


def state(page: Page) -> Locator:
    return page.get_by_test_id("save-state").first


def expect_state(page: Page, name: str) -> None:
    expect(state(page)).to_have_attribute("data-state", name)


def expect_kept(page: Page, text: str) -> None:
    """The server has it: the page as it would come to another device."""
    expect_state(page, "saved")
    assert text in page.request.get(page.url).text()


def answer(status: int) -> Callable[[Route], None]:
    return lambda route: route.fulfill(status=status, body="sick", content_type="text/plain")


def ready(page: Page) -> None:
    """The element that saves is alive, and what an earlier visit left is settled."""
    page.wait_for_function("() => customElements.get('auto-save')")
    expect_state(page, "saved")


# --- On the scorecard --------------------------------------------------------------------------


def open_card(page: Page, code: str = "N-08") -> Page:
    page.goto(scorecard_address(page, code))
    ready(page)
    return page


def evidence(page: Page, number: int = 0) -> Locator:
    """The evidence of one criterion, which is made the current one."""
    criterion = page.locator("section.criterion").nth(number)
    criterion.get_by_role("heading").click()
    return criterion.locator("textarea")


def two_windows(pages: Pages) -> tuple[Page, Page]:
    first = open_card(member(pages, "elif"))
    second = first.context.new_page()
    second.goto(first.url)
    ready(second)
    return first, second


def collide(pages: Pages, number: int) -> tuple[Page, Locator, str, str]:
    """The same field written in two windows: the second is asked. Window, panel, mine, theirs."""
    first, second = two_windows(pages)
    theirs, mine = words("Theirs"), words("Mine")
    evidence(first, number).fill(theirs)
    expect_kept(first, theirs)
    evidence(second, number).fill(mine)
    field = evidence(second, number).get_attribute("data-field")
    panel = second.get_by_test_id(f"conflict-{field}")
    expect(panel).to_contain_text(mine)
    expect(panel).to_contain_text(theirs)
    expect_state(second, "conflict")
    expect(state(second)).to_contain_text("Needs your decision")
    assert theirs in second.request.get(second.url).text()
    return second, panel, mine, theirs


def test_a_conflict_keeps_mine(pages: Pages) -> None:
    page, panel, mine, theirs = collide(pages, 0)

    panel.get_by_role("button", name="Keep mine").click()

    expect(panel).to_have_count(0)
    expect_kept(page, mine)
    assert theirs not in page.request.get(page.url).text()
    expect(evidence(page, 0)).to_have_value(mine)


def test_a_conflict_takes_the_saved_one(pages: Pages) -> None:
    page, panel, mine, theirs = collide(pages, 1)

    panel.get_by_role("button", name="Use the saved one").click()

    expect(panel).to_have_count(0)
    expect_kept(page, theirs)
    assert mine not in page.request.get(page.url).text()
    expect(evidence(page, 1)).to_have_value(theirs)


def test_typing_and_leaving_do_not_settle_a_conflict(pages: Pages) -> None:
    page, panel, mine, theirs = collide(pages, 2)

    evidence(page, 2).press("End")
    page.keyboard.type(" and more")
    page.keyboard.press("Tab")

    expect(panel).to_contain_text(f"{mine} and more")
    expect_state(page, "conflict")
    assert theirs in page.request.get(page.url).text()
    panel.get_by_role("button", name="Keep mine").click()
    expect_kept(page, f"{mine} and more")


def test_a_conflict_survives_a_reload(pages: Pages) -> None:
    page, panel, mine, theirs = collide(pages, 3)

    page.reload()

    expect(panel).to_contain_text(mine)
    expect(panel).to_contain_text(theirs)
    panel.get_by_role("button", name="Keep mine").click()
    expect_kept(page, mine)


def test_two_windows_are_told_of_each_other(pages: Pages) -> None:
    first, _second = two_windows(pages)

    expect(first.get_by_test_id("two-tabs")).to_contain_text("open in another tab")


def test_signed_out_words_wait_for_the_next_sign_in(pages: Pages) -> None:
    demo = pages.server.demo
    page = pages.new()
    sign_in(page, "dev", demo)
    open_card(page)
    other = page.context.new_page()
    other.goto("/accounts/logout/")
    other.locator("main form button[type=submit]").click()
    other.wait_for_url(lambda url: "logout" not in url)
    text = words("Typed after the session ended")

    evidence(page).fill(text)

    expect_state(page, "signed-out")
    expect(state(page)).to_contain_text("Signed out: kept here, sign in in another tab")
    expect(evidence(page)).to_have_value(text)
    sign_in(other, "dev", demo)
    page.bring_to_front()
    expect_kept(page, text)


def test_a_lost_cookie_loses_no_words_across_a_reload(pages: Pages) -> None:
    demo = pages.server.demo
    page = pages.new()
    sign_in(page, "dev", demo)
    open_card(page)
    card = page.url
    page.context.clear_cookies(name="sessionid")
    text = words("Typed without a session")
    evidence(page, 1).fill(text)
    expect_state(page, "signed-out")

    sign_in(page, "dev", demo)
    page.goto(card)

    expect(evidence(page, 1)).to_have_value(text)
    expect_kept(page, text)


@pytest.mark.parametrize("status", [503, 403])
def test_a_sick_server_is_outlasted(pages: Pages, status: int) -> None:
    pages.expect(f"{status}")
    page = open_card(member(pages, "chi"))
    page.route(SAVING, answer(status))
    text = words(f"Through a {status}")
    evidence(page).fill(text)
    expect_state(page, "error")
    expect(state(page)).to_contain_text("Not saved: 1 kept on this device")
    assert text not in page.request.get(page.url).text()

    page.unroute(SAVING)

    expect_kept(page, text)


def test_a_reload_in_mid_word_keeps_the_half(pages: Pages) -> None:
    page = open_card(member(pages, "chi"))
    text = words("Half a wo")
    evidence(page, 1).fill(text)

    page.reload()

    expect(evidence(page, 1)).to_have_value(text)
    expect_kept(page, text)


def test_offline_then_closed_then_opened_again(pages: Pages) -> None:
    pages.expect(NO_NETWORK)
    page = open_card(member(pages, "chi"))
    card, context = page.url, page.context
    text = words("Written on a train")
    context.set_offline(True)
    evidence(page, 2).fill(text)
    expect_state(page, "offline")
    expect(state(page)).to_contain_text("Offline: 1 change kept on this device")

    lose_power(page)
    context.set_offline(False)
    page = context.new_page()
    assert text not in page.request.get(card).text()
    page.goto(card)

    expect(evidence(page, 2)).to_have_value(text)
    expect_kept(page, text)


# --- Keys --------------------------------------------------------------------------------------


def scores(page: Page) -> list[str]:
    """Every choice made on the page, and which criterion is the current one."""
    return page.evaluate(
        """() => [...document.querySelectorAll(".criterion[aria-current], :checked")].map(
             (one) => one.dataset.criterion ?? `${one.name}=${one.value}`)"""
    )


def test_keys_typed_into_evidence_change_no_score(pages: Pages) -> None:
    page = open_card(member(pages, "chi"))
    box = evidence(page, 3)
    before = scores(page)
    box.fill("")

    box.press_sequentially("jk12")

    expect(box).to_have_value("jk12")
    assert scores(page) == before
    expect_state(page, "saved")


def test_keys_switched_off_do_nothing(pages: Pages) -> None:
    page = open_card(member(pages, "chi"))
    page.keyboard.press("j")
    assert scores(page)[0] != page.locator("section.criterion").first.get_attribute(
        "data-criterion"
    )
    page.get_by_role("button", name="Keys on this page").click()
    page.get_by_label("Single keys work on this device").uncheck()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    before = scores(page)

    for key in "12340jkeqafu[]?":
        page.keyboard.press(key)

    assert scores(page) == before
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("() => document.activeElement.tagName") != "TEXTAREA"
    expect(page.locator("#answer-key .key-rows")).to_be_visible()


class Keyboard:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.count = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self._page.keyboard.press(key)
            self.count += 1


def test_five_criteria_take_25_keystrokes_besides_the_evidence(
    pages: Pages, capsys: pytest.CaptureFixture[str]
) -> None:
    page = open_card(member(pages, "tomas"))
    criteria = page.locator("section.criterion")
    expect(criteria).to_have_count(5)
    keys = Keyboard(page)
    for number, point in enumerate("43203"):
        keys.press(point, "e")
        expect(criteria.nth(number).locator("textarea")).to_be_focused()
        page.keyboard.type(f"Seen in the work, {number + 1}.")
        if number < 4:
            keys.press("Escape", "j")
    keys.press("Tab", "Tab")  # over the summary to the recommendations, "Strong no" first
    for _more in range(3):
        if page.get_by_test_id("recommendation").get_by_label("Yes", exact=True).is_checked():
            break
        keys.press("ArrowRight")
    expect(page.get_by_text("5 of 5 scored")).to_be_visible()
    keys.press("Control+Enter")
    expect(page.get_by_test_id("submit-confirm")).to_be_focused()
    keys.press("Enter")

    expect(page.get_by_text("Your recommendation: Yes")).to_be_visible()
    with capsys.disabled():
        sys.stdout.write(f"\nkeystrokes besides the evidence: {keys.count}\n")
    assert keys.count <= 25


# --- In the candidate's workspace --------------------------------------------------------------


def open_work(pages: Pages) -> Page:
    page = candidate(pages, "W-71")
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_test_id("workspace")).to_be_visible()
    ready(page)
    return page


def overall(page: Page) -> Locator:
    return page.locator("textarea[data-field=overall]")


def test_the_candidate_reloads_in_mid_word(pages: Pages) -> None:
    page = open_work(pages)
    text = words("Do not sh")
    overall(page).fill(text)

    page.reload()

    expect(overall(page)).to_have_value(text)
    expect_kept(page, text)


def test_the_candidate_works_on_without_a_network(pages: Pages) -> None:
    pages.expect(NO_NETWORK)
    page = open_work(pages)
    context: BrowserContext = page.context
    text = words("Behind a mountain")
    context.set_offline(True)
    overall(page).fill(text)
    expect_state(page, "offline")
    expect(page.locator("[data-offline-banner]")).to_be_visible()

    context.set_offline(False)

    expect_kept(page, text)
    expect(page.locator("[data-offline-banner]")).to_be_hidden()


def test_the_candidate_outlasts_a_sick_server(pages: Pages) -> None:
    pages.expect("503")
    page = open_work(pages)
    page.route(SAVING, answer(503))
    text = words("Through a 503")
    overall(page).fill(text)
    expect_state(page, "error")

    page.unroute(SAVING)

    expect_kept(page, text)
