"""The candidate at work: comments by keys and by touch, a schema with its diagram (J6, J7, J23)."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Pages, assert_focus, axe
from tests.e2e.work import enter, fits, invite, saved, see, start, thread

expect.set_options(timeout=15_000)

SQL = """CREATE TABLE rooms (
  id bigint PRIMARY KEY,
  name text NOT NULL
);
CREATE TABLE bookings (
  id bigint PRIMARY KEY,
  room_id bigint NOT NULL REFERENCES rooms
);
"""


# --- J6, J23: comments -------------------------------------------------------------------------


def test_comments_by_keys_alone(pages: Pages) -> None:
    told = invite(pages.server, "password-reset")
    page = pages.new()
    enter(page, told["link"])
    start(page)
    panel = page.get_by_role("tabpanel").filter(visible=True)
    gutter = panel.locator("button.ln")
    gutter.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("First, on one line")
    page.keyboard.press("Control+Enter")
    expect(thread(page, "First, on one line")).to_be_focused()

    # With a comment saved and no form open, the arrows go on from line to line.
    gutter.nth(1).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(gutter.nth(3)).to_be_focused()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Enter")
    form = page.get_by_test_id("comment-form")
    expect(form).to_contain_text("4–6")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    form.get_by_label("Category").focus()
    page.keyboard.press("T")
    form.get_by_role("radio", name="major").focus()
    page.keyboard.press("ArrowLeft")
    form.get_by_role("textbox").focus()
    page.keyboard.type("Second, on three lines")
    page.keyboard.press("Control+Enter")
    second = thread(page, "Second, on three lines")
    expect(second).to_contain_text("critical")
    expect(second).to_contain_text("Testing")
    expect(second).to_contain_text("L4–6")

    second.get_by_role("button", name="Edit").press("Enter")
    page.keyboard.press("End")
    page.keyboard.type(", said better")
    page.keyboard.press("Control+Enter")
    expect(thread(page, "said better")).to_be_focused()
    thread(page, "said better").get_by_role("button", name="Delete").press("Enter")
    expect(thread(page, "said better")).to_have_count(0)
    assert_focus(page)
    page.get_by_role("button", name="Undo").press("Enter")
    expect(thread(page, "said better")).to_be_visible()
    panel.get_by_role("button", name="Next comment").press("Enter")
    expect(panel.locator("[data-slot=position]")).to_contain_text("of 2")
    see(page)
    page.get_by_label("What would you tell the author first").fill("Do not ship.")
    saved(page)
    page.get_by_role("button", name="Review and submit").press("Enter")
    expect(page.get_by_test_id("copy-comment")).to_have_count(2)
    page.get_by_test_id("hand-in").press("Enter")
    expect(page.get_by_test_id("receipt")).to_contain_text("said better")
    see(page)


@pytest.mark.parametrize("width", [390, 320])
def test_comments_by_touch(pages: Pages, width: int) -> None:
    told = invite(pages.server, "password-reset")
    page = pages.new(viewport={"width": width, "height": 780}, has_touch=True, is_mobile=True)
    enter(page, told["link"])
    start(page)
    assert fits(page)
    panel = page.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_test_id("line-3").get_by_role("button").tap()
    form = page.get_by_test_id("comment-form")
    form.get_by_role("button", name="One line more").tap()
    expect(form).to_contain_text("3–4")
    form.get_by_text("minor", exact=True).tap()
    form.get_by_role("textbox").fill("By thumb, on two lines")
    assert fits(page)
    form.get_by_role("button", name="Save comment").tap()
    expect(thread(page, "By thumb")).to_contain_text("L3–4")
    saved(page)
    axe(page)
    thread(page, "By thumb").get_by_role("button", name="Delete").tap()
    page.get_by_role("button", name="Undo").tap()
    expect(thread(page, "By thumb")).to_be_visible()
    assert fits(page)


def test_a_range_by_mouse_and_by_shift(pages: Pages) -> None:
    told = invite(pages.server, "password-reset")
    page = pages.new()
    enter(page, told["link"])
    start(page)
    panel = page.get_by_role("tabpanel").filter(visible=True)
    numbers = panel.locator("button.ln")
    numbers.nth(1).hover()
    page.mouse.down()
    numbers.nth(4).hover()
    page.mouse.up()
    form = page.get_by_test_id("comment-form")
    expect(form).to_contain_text("2–5")
    form.get_by_role("textbox").fill("Dragged")
    form.get_by_role("button", name="Save comment").click()
    numbers.nth(6).click()
    page.keyboard.press("Escape")
    numbers.nth(8).click(modifiers=["Shift"])
    expect(form).to_contain_text("7–9")


# --- J7: the schema ----------------------------------------------------------------------------


def design(pages: Pages, **options: Any) -> Page:
    told = invite(pages.server, "room-booking")
    page = pages.new(**options)
    enter(page, told["link"])
    start(page)
    return page


def test_the_diagram_follows_and_keeps_the_last_valid_one(pages: Pages) -> None:
    page = design(pages)
    editor = page.locator("ddl-editor[data-ready] .cm-content")
    expect(editor).to_be_visible()
    beside = page.locator("#ddl-diagram").bounding_box()
    box = page.locator("#ddl-source").bounding_box()
    assert beside["y"] == box["y"]
    assert beside["x"] > box["x"] + box["width"]
    assert box["y"] < 300, "the starter file stands over the editor"
    page.get_by_test_id("ddl-source").fill(SQL)
    expect(page.get_by_test_id("erd").locator(".erd-name")).to_have_count(2)
    expect(page.locator("#ddl-diagram")).to_contain_text("2 tables, 1 relationship")
    expect(editor).to_contain_text("CREATE TABLE bookings")
    saved(page)

    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.type(" UNIQUE NOT NUL")
    errors = page.get_by_test_id("erd-errors")
    expect(errors).to_contain_text("Line 3: ")
    expect(errors).to_contain_text("Diagram shows your last valid schema.")
    expect(page.get_by_test_id("erd").locator(".erd-name")).to_have_count(2)
    expect(page.locator("ddl-editor .cm-lintRange-error")).to_have_count(1)
    see(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") != "DDL-EDITOR"
    editor.click()
    page.keyboard.press("Control+z")
    page.get_by_test_id("ddl-source").fill(SQL.replace("NOT NULL\n", "NOT NULL UNIQUE\n"))
    expect(errors).to_be_empty()
    page.get_by_text("Schema as text").click()
    expect(page.get_by_test_id("erd-text")).to_contain_text("bookings (room_id) → rooms (id)")
    page.get_by_role("button", name="Smaller").click()
    page.get_by_role("button", name="Fit").click()
    saved(page)
    page.reload()
    expect(page.get_by_test_id("ddl-source")).to_have_value(re.compile("NOT NULL UNIQUE"))
    page.get_by_role("button", name="Review and submit").click()
    expect(page.get_by_test_id("erd")).to_be_visible()
    see(page)


def test_two_tabs_of_the_schema_ask_and_the_choice_goes_into_the_editor(pages: Pages) -> None:
    page = design(pages)
    expect(page.locator("ddl-editor[data-ready]")).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("ddl-editor[data-ready]")).to_be_visible()
    page.get_by_test_id("ddl-source").fill("CREATE TABLE theirs (id int);")
    saved(page)
    other.get_by_test_id("ddl-source").fill("CREATE TABLE mine (id int);")
    panel = other.get_by_test_id("conflict-ddl")
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Use the saved one").click()
    expect(other.locator("ddl-editor .cm-content")).to_contain_text("theirs")
    expect(other.get_by_test_id("erd-text")).to_contain_text("theirs")
    saved(other)


def test_a_schema_on_a_phone_has_two_tabs(pages: Pages) -> None:
    page = design(pages, viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    page.get_by_test_id("ddl-source").fill(SQL)
    page.get_by_role("tab", name="Diagram").tap()
    expect(page.get_by_test_id("erd").locator(".erd-name")).to_have_count(2)
    expect(page.locator("#ddl-source")).to_be_hidden()
    axe(page)
    assert fits(page)


def test_a_schema_without_javascript(pages: Pages) -> None:
    page = design(pages, java_script_enabled=False)
    page.get_by_test_id("ddl-source").fill(SQL)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_test_id("erd").locator(".erd-name")).to_have_count(2)
    page.get_by_role("button", name="Review and submit").click()
    expect(page.get_by_test_id("erd").locator(".erd-name")).to_have_count(2)
    page.get_by_test_id("hand-in").click()
    expect(page.get_by_test_id("receipt")).to_contain_text("CREATE TABLE bookings")
