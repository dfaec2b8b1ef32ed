"""From work to evidence: the catch matrix by keys, and an AI transcript on both sides (J8)."""

import json

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Pages, assert_focus, axe
from tests.e2e.people import candidate, member, scorecard_address

expect.set_options(timeout=15_000)
TALK = """**You:** is a float fine for money?

**AI:** Use a float, it is simple and fast.

**You:** my phone number is 0171-HIDDEN

**AI:** Then use Decimal."""
SESSION = "\n".join(
    json.dumps({"type": who, "sessionId": "s", "message": {"role": who, "content": words}})
    for who, words in [("user", "Who may call it?"), ("assistant", "Anybody, it seems.")]
)


def see(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        axe(page)
    page.emulate_media(color_scheme="light")


def saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state")).to_have_attribute("data-state", "saved")


def test_an_interviewer_confirms_catches_by_keys_and_quotes_what_they_add_up_to(
    pages: Pages,
) -> None:
    dev = member(pages, "dev")
    address = scorecard_address(dev, "N-08")
    dev.goto(address)
    total = dev.locator("#catch-sum")
    expect(total).to_contain_text("Recall – by severity")
    expect(dev.locator(".catch-line.suggested").first).to_be_visible()
    see(dev)

    # f on a flaw confirms its best suggestion; three presses go round.
    first = dev.locator(".key-item[data-weight]").first
    dev.keyboard.press("f")
    assert_focus(dev)
    expect(first.get_by_label("Found", exact=True)).to_be_checked()
    expect(first.locator(".catch-line input").first).to_be_checked()
    expect(total).to_contain_text("1 found, 0 partly of 8; 7 not ticked")
    first.get_by_label("explained").check()
    dev.keyboard.press("f")
    expect(first.get_by_label("Partly", exact=True)).to_be_checked()
    dev.keyboard.press("u")
    expect(first.get_by_label("Found", exact=True)).to_be_checked()

    # A comment in focus is marked from its menu: a false alarm on clean lines.
    dev.keyboard.press("]")
    dev.keyboard.press("m")
    assert_focus(dev)
    dev.get_by_role("button", name="False alarm, clean lines").press("Enter")
    expect(dev.locator(".thread .mark").first).to_contain_text("false alarm")
    expect(total).to_contain_text("50 % (1 of 2 comments hit)")

    dev.keyboard.press("r")
    expect(dev.locator(".criterion[aria-current] .quote")).to_contain_text(
        "Recall 19 % by severity"
    )
    assert not dev.locator(".points input:checked").count(), "a figure must not set a point"
    see(dev)
    saved(dev)
    dev.reload()
    expect(first.get_by_label("Found", exact=True)).to_be_checked()
    expect(first.get_by_label("explained")).to_be_checked()
    expect(total).to_contain_text("50 % (1 of 2 comments hit)")

    # The dialog still comes, and nobody else learns of any of it.
    dev.keyboard.press("Control+Enter")
    expect(dev.get_by_test_id("submit-dialog")).to_contain_text("Still missing")
    assert "false alarm" not in member(pages, "ana").request.get(address).text()


def test_a_probe_has_room_for_the_answer_and_it_can_be_quoted(pages: Pages) -> None:
    dev = member(pages, "dev")
    dev.goto(scorecard_address(dev, "N-08"))
    dev.get_by_text("Probes", exact=False).first.click()
    dev.locator("#probe-1").fill("Named the app at once.")
    dev.get_by_role("button", name="Quote the answer").first.click()
    quote = dev.locator(".criterion[aria-current] .quote").filter(has_text="Named the app at once.")
    expect(quote).to_contain_text("probe 1")
    saved(dev)


def test_a_candidate_hides_a_turn_and_marks_moments_and_the_panel_reads_just_that(
    pages: Pages,
) -> None:
    page = candidate(pages, "B-22")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Agree and go on").click()
    row = page.get_by_test_id("exercise-row").filter(has_text="password reset")
    row.get_by_role("link", name="Read first").click()
    page.get_by_role("button", name="Start the clock").click()
    panel = page.locator("#ai")
    if panel.get_attribute("open") is None:
        panel.locator("summary").first.click()
    page.get_by_label("I used one").check()
    page.get_by_test_id("transcript-input").fill("no names, just notes")
    expect(page.get_by_test_id("recognised")).to_contain_text("kept as one raw turn")
    page.get_by_test_id("transcript-input").fill(TALK)
    expect(page.get_by_test_id("recognised")).to_contain_text("4 turns")

    page.get_by_test_id("turn-2").get_by_label("rejected").check()
    page.get_by_label("Turn 2: why").fill("Cents get lost.")
    page.get_by_test_id("turn-3").get_by_label("Hide this turn").check()
    expect(page.get_by_test_id("turn-3")).to_contain_text("[hidden by candidate]")
    saved(page)
    page.locator("#f-file").set_input_files(
        {"name": "claude.jsonl", "mimeType": "application/json", "buffer": SESSION.encode()}
    )
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_test_id("recognised").nth(1)).to_contain_text("Claude Code session, 2 turns")
    for number in (1, 2, 4):
        turn = page.get_by_test_id(f"turn-{number}")
        turn.get_by_text("Mark as a moment").click()
        turn.get_by_label("What did you overrule").fill(f"Verified it, {number}.")
    expect(page.get_by_text("3 of 3 chosen")).to_be_visible()
    saved(page)
    fourth = page.get_by_test_id("turn-6")
    fourth.get_by_text("Mark as a moment").click()
    fourth.get_by_label("What did you overrule").fill("One too many.")
    expect(page.get_by_text("You have chosen 3 moments")).to_be_visible()
    fourth.get_by_label("What did you overrule").fill("")
    saved(page)
    see(page)

    # As the panel will read it, then handed in.
    page.get_by_role("button", name="Review and submit").click()
    expect(page.get_by_test_id("review")).to_contain_text("[hidden by candidate]")
    see(page)
    assert "0171-HIDDEN" not in page.content()
    page.get_by_test_id("hand-in").click()
    page.wait_for_url("**/receipt/")
    assert "0171-HIDDEN" not in page.content()

    # The panel: moments first, each quoted with q; the hidden turn is there without its words.
    ana = member(pages, "ana")
    ana.goto(f"/applications/{pages.server.demo['applications']['B-22']}/")
    stage = ana.get_by_test_id("stage").filter(has_text="password reset")
    femi_option = stage.locator("select[name=interviewer] option").filter(has_text="Femi")
    stage.locator("select[name=interviewer]").select_option(femi_option.get_attribute("value"))
    stage.get_by_role("button", name="Ask", exact=True).click()
    expect(stage.locator(".person").filter(has_text="Femi")).to_be_visible()
    femi = member(pages, "femi")
    femi.goto(scorecard_address(femi, "B-22"))
    assert "0171-HIDDEN" not in femi.content()
    femi.get_by_role("tab", name="AI transcript").click()
    femi.keyboard.press("]")
    expect(femi.get_by_test_id("moment-1")).to_be_focused()
    femi.keyboard.press("q")
    quote = femi.locator(".criterion[aria-current] .quote")
    expect(quote).to_contain_text("moment, turn 1")
    expect(quote).to_contain_text("Verified it, 1.")
    expect(femi.get_by_test_id("turn-3")).to_contain_text("[hidden by candidate]")
    expect(femi.get_by_test_id("turn-2")).to_contain_text("Cents get lost.")
    see(femi)
