"""J4: exercises of every kind, written in the browser, looked at as a candidate, published."""

import re
import uuid

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Pages, assert_focus, axe
from tests.e2e.people import member

expect.set_options(timeout=15_000)
CODE = """from shop import pay
from shop.models import Order


def refund(request, order_id):
    order = Order.objects.get(pk=order_id)
    pay.back(order.card, order.total)
    order.refunded = True
    order.save()
    return {"ok": True}
"""
KINDS = {
    "schema_critique": "Schema critique",
    "endpoint_critique": "Endpoint critique",
    "ai_code_review": "AI code review",
    "data_model": "Data model",
    "design_discussion": "Design discussion",
    "ai_assisted": "AI-assisted build",
    "structured_interview": "Structured interview",
    "portfolio_review": "Portfolio review",
    "resume_screen": "Résumé screen",
}
CRITIQUES = ("schema_critique", "endpoint_critique", "ai_code_review")
DESIGNS = ("data_model", "design_discussion", "ai_assisted")


def titled(kind: str) -> str:
    """New in every run, so that a test may run again on the same demo."""
    return f"{KINDS[kind]} {uuid.uuid4().hex[:6]}"


def saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state").first).to_have_attribute("data-state", "saved")


def ready(page: Page) -> None:
    page.wait_for_function(
        "() => !document.documentElement.matches('.js') || customElements.get('auto-save')"
    )


def part(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Parts of the exercise").get_by_role(
        "link", name=name
    ).click()
    page.wait_for_url(re.compile("part="))
    ready(page)


def start(page: Page, kind: str) -> str:
    page.goto("/exercises/new/")
    page.get_by_test_id(f"kind-{kind}").get_by_role("button").click()
    page.wait_for_url("**/exercises/drafts/**")
    ready(page)
    return page.url.split("?")[0]


def fill_facts(page: Page, title: str) -> None:
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Mid", exact=True).check()
    page.get_by_label("Data modelling", exact=True).check()
    page.get_by_label(re.compile("^Finds what is wrong")).check()
    part(page, "Brief")
    page.get_by_label("Brief", exact=True).fill("# The shop\n\nRefunds need **two** people.")
    expect(page.locator("#brief-preview strong")).to_have_text("two")


def press(page: Page, name: str) -> None:
    """A button that saves, adds or removes, and the page that follows."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()
    ready(page)


def opened(page: Page) -> Locator:
    return page.locator("details.draft-item[open]")


def add_file(page: Page) -> None:
    part(page, "Files")
    press(page, "Add a file")
    expect(page.locator(":focus")).to_have_attribute("name", re.compile(r":path$"))
    opened(page).get_by_label("File name").fill("shop/refund.py")
    opened(page).get_by_label("Text").fill(CODE)
    saved(page)


def fill_flaw(page: Page, harm: str = "Anyone gets money.") -> None:
    mark = opened(page)
    mark.get_by_role("radio", name="critical").check()
    mark.get_by_label("Category").select_option(label="Security")
    mark.get_by_label("From level").select_option(label="Mid")
    mark.get_by_label("Only who read the brief can see it").check()
    mark.get_by_label("Harm").fill(harm)
    mark.get_by_label("Counts as found when").fill("Names the second person.")
    saved(page)


def mark_by_mouse(page: Page) -> None:
    part(page, "Answer key")
    first, last = (page.get_by_test_id(f"line-{n}").get_by_role("button") for n in (6, 7))
    first.click()
    last.click(modifiers=["Shift"])
    form = page.get_by_test_id("mark-form")
    expect(form.locator("#f-mark_lines")).to_have_value("6-7")
    form.get_by_label("Title").fill("Nobody asks the second person")
    press(page, "Mark these lines")
    assert_focus(page)
    fill_flaw(page)
    page.get_by_test_id("line-1").get_by_role("button").click()
    form.get_by_role("button", name="One line more").click()
    expect(form.locator("#f-mark_lines")).to_have_value("1-2")
    form.get_by_label("a decoy: only looks wrong").check()
    form.get_by_label("Title").fill("Imports are fine")
    press(page, "Mark these lines")
    opened(page).get_by_label("Why it is fine").fill("They are used.")
    saved(page)


def add_point(page: Page, kind: str) -> None:
    part(page, "Expected points")
    press(page, "Add a point")
    point = opened(page)
    point.get_by_label("Title").fill("Spans are half open")
    point.get_by_label("Weight, 1 to 10").fill("3")
    point.get_by_label("From level").select_option(label="Mid")
    point.get_by_label("Counts as found when").fill("Says where a span ends.")
    if kind == "data_model":
        press(page, "Add a question")
        opened(page).get_by_label("Question").fill("Which rooms are free on Friday?")
    saved(page)


def add_question(page: Page) -> None:
    part(page, "Questions")
    press(page, "Add a question")
    question = opened(page)
    question.get_by_label("Question").fill("What broke last, and what did you do?")
    question.get_by_label("Listen for").fill("Their own part.")
    saved(page)


def preview(page: Page, title: str, *, secret: str) -> None:
    page.get_by_role("link", name="Preview as candidate").click()
    page.wait_for_url("**/preview/")
    expect(page.get_by_test_id("workspace")).to_be_visible()
    expect(page.get_by_text("Refunds need")).to_be_visible()
    assert secret not in page.content()
    assert title in page.content()
    page.get_by_role("link", name="Back to the draft").click()
    page.wait_for_url(re.compile(r"/drafts/[^/]+/$"))
    ready(page)


def publish(page: Page, title: str) -> None:
    page.get_by_role("link", name="Publish").click()
    dialog = page.locator("#publish-dialog")
    expect(dialog).to_contain_text("never changes")
    with page.expect_navigation():
        dialog.get_by_test_id("publish").click()
    expect(page.get_by_role("status").filter(has_text="Published as version 1")).to_be_visible()
    page.goto("/exercises/")
    card = page.get_by_test_id("exercise-card").filter(has_text=title)
    expect(card).to_contain_text("not proven")


@pytest.mark.parametrize("kind", KINDS)
def test_an_exercise_of_every_kind(pages: Pages, kind: str) -> None:
    page, title = member(pages, "ana"), titled(kind)
    start(page, kind)
    fill_facts(page, title)

    if kind in CRITIQUES:
        add_file(page)
        mark_by_mouse(page)
    elif kind in DESIGNS:
        add_point(page, kind)
    else:
        add_question(page)

    secrets = {**dict.fromkeys(CRITIQUES, "Nobody asks"), **dict.fromkeys(DESIGNS, "Says where")}
    preview(page, title, secret=secrets.get(kind, "Their own"))
    publish(page, title)


def test_a_critique_by_keys_alone(pages: Pages) -> None:
    page, title = member(pages, "ana"), titled("endpoint_critique")
    url = start(page, "endpoint_critique")
    fill_facts(page, title)
    add_file(page)
    page.goto(f"{url}?part=key")
    ready(page)
    page.get_by_test_id("line-1").get_by_role("button").focus()

    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "+", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("#f-mark_lines")).to_have_value("6-7")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("line-7").get_by_role("button")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("Nobody asks the second person")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    ready(page)

    # It goes on with the first field in which nothing stands: straight down from there.
    expect(page.locator(":focus")).to_have_attribute("name", re.compile(r":severity$"))
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Sec")
    page.keyboard.press("Tab")
    page.keyboard.type("M")  # from level: Mid
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # only who read the brief can see it
    page.keyboard.press("Tab")
    page.keyboard.type("Anyone gets money.")
    page.keyboard.press("Tab")
    page.keyboard.type("Names the second person.")
    saved(page)
    # The chip of the mark, its state and the tab say so too, without a reload.
    expect(page.get_by_test_id("item-flaw").locator("summary")).to_contain_text("major")
    expect(page.get_by_test_id("draft-checks")).to_contain_text("Everything that publishing needs")
    expect(page.get_by_test_id("item-flaw")).not_to_contain_text("not finished")
    expect(page.locator("#missing-key")).to_be_empty()
    page.get_by_role("link", name="Publish").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("publish")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Published as version 1")).to_be_visible()


def test_a_critique_without_the_script(pages: Pages) -> None:
    page = member(pages, "ana", java_script_enabled=False)
    title = titled("ai_code_review")
    page.goto("/exercises/new/")
    page.get_by_test_id("kind-ai_code_review").get_by_role("button").click()
    url = page.url
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Mid", exact=True).check()
    page.get_by_label("Data modelling", exact=True).check()
    page.get_by_label(re.compile("^Finds what is wrong")).check()
    page.locator("aside").get_by_role("button", name="Save").click()
    page.goto(f"{url}?part=brief")
    page.get_by_label("Brief", exact=True).fill("Refunds need two people.")
    page.locator("aside").get_by_role("button", name="Save").click()
    page.goto(f"{url}?part=files")
    page.get_by_role("button", name="Add a file").click()
    opened(page).get_by_label("File name").fill("shop/refund.py")
    opened(page).get_by_label("Text").fill(CODE)
    page.locator("aside").get_by_role("button", name="Save").click()
    page.goto(f"{url}?part=key")
    form = page.get_by_test_id("mark-form")
    form.get_by_label("File").select_option(label="shop/refund.py")
    form.get_by_label("Lines").fill("6-7")
    form.get_by_label("Title").fill("Nobody asks the second person")
    form.get_by_role("button", name="Mark these lines").click()
    mark = opened(page)
    mark.get_by_role("radio", name="critical").check()
    mark.get_by_label("Category").select_option(label="Security")
    mark.get_by_label("From level").select_option(label="Mid")
    mark.get_by_label("Harm").fill("Anyone gets money.")
    mark.get_by_label("Counts as found when").fill("Names the second person.")
    # Removing saves what was typed, and undoing brings it back.
    mark.get_by_role("button", name="Remove").click()
    page.get_by_test_id("undo").get_by_role("button", name="Undo").click()
    expect(opened(page).get_by_label("Harm")).to_have_value("Anyone gets money.")

    page.get_by_role("link", name="Publish").click()
    page.get_by_test_id("publish").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_reload_in_mid_word_loses_nothing(pages: Pages) -> None:
    page = member(pages, "ana")
    url = start(page, "endpoint_critique")
    page.get_by_label("Title", exact=True).fill("Half a ti")
    page.reload()
    ready(page)
    expect(page.get_by_label("Title", exact=True)).to_have_value("Half a ti")
    add_file(page)
    page.goto(f"{url}?part=key")
    ready(page)
    page.get_by_test_id("line-6").get_by_role("button").click()
    page.keyboard.type("A mark not ma")

    page.reload()

    ready(page)
    form = page.get_by_test_id("mark-form")
    expect(form.get_by_label("Title")).to_have_value("A mark not ma")
    expect(form.locator("#f-mark_lines")).to_have_value("6")
    expect(page.get_by_test_id("line-6")).to_have_class(re.compile("marked"))
    saved(page)


def test_marks_move_with_the_text_and_what_was_removed_comes_back(pages: Pages) -> None:
    page = member(pages, "ana")
    url = start(page, "endpoint_critique")
    add_file(page)
    mark_by_mouse(page)
    page.goto(f"{url}?part=files")
    ready(page)
    page.get_by_test_id("item-artefact").locator("summary").click()
    text = page.get_by_test_id("item-artefact").get_by_label("Text")
    text.press("Control+Home")
    page.keyboard.type("# one more line\n# and another\n")
    saved(page)
    page.goto(f"{url}?part=key")
    ready(page)
    expect(page.locator("#marks")).to_contain_text("L8-9")
    page.get_by_test_id("item-flaw").locator("summary").click()
    with page.expect_navigation():
        page.get_by_test_id("item-flaw").get_by_role("button", name="Remove").click()
    expect(page.get_by_test_id("item-flaw")).to_have_count(0)
    undo = page.get_by_test_id("undo").get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    with page.expect_navigation():
        undo.press("Enter")
    expect(page.get_by_test_id("item-flaw").get_by_label("Harm")).to_have_value(
        "Anyone gets money."
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_is_accessible_on_a_desk_and_on_a_phone(pages: Pages, scheme: str) -> None:
    page = member(pages, "ana", color_scheme=scheme)
    page.goto("/exercises/new/")
    axe(page)
    url = start(page, "endpoint_critique")
    add_file(page)
    mark_by_mouse(page)
    page.get_by_test_id("line-9").get_by_role("button").click()
    axe(page)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for name in ("facts", "brief", "files", "key", "probes", "answers"):
            page.goto(f"{url}?part={name}")
            ready(page)
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        for name in ("publish", "discard", "preview"):
            page.goto(f"{url}{name}/")
            axe(page)
    page.goto("/exercises/")
    axe(page)
