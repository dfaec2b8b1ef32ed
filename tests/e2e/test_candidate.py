"""The candidate's journeys: the link, comments by keys and by touch, a schema with its diagram."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Pages, Server, assert_focus, axe

expect.set_options(timeout=15_000)

# Somebody new with a link, given the exercises of these slugs, by the product's own verbs.
INVITE = """
import json
from accounts.models import User
from candidates.models import Job
from exercises.models import ExerciseVersion
from screening.actions.candidates import add_candidate
from screening.actions.invitations import make_link
ana = User.objects.get(email={email!r})
job = Job.objects.get(pk={job!r})
application = add_candidate(by=ana, job=job, first_name="Noor", with_loop=True)
rows = [row for row in application.assignments.order_by("position") if row.mode == "take_home"]
for row, slug in zip(rows, {slugs!r}):
    row.exercise_version = ExerciseVersion.objects.filter(
        exercise__slug=slug).order_by("-number").first()
    row.title = row.exercise_version.title
    row.save()
secret = make_link(by=ana, application=application)
print("DONE" + json.dumps({{"link": "/c/" + secret + "/", "application": str(application.pk),
    "rows": [str(row.pk) for row in rows]}}))
"""
SQL = """CREATE TABLE rooms (
  id bigint PRIMARY KEY,
  name text NOT NULL
);
CREATE TABLE bookings (
  id bigint PRIMARY KEY,
  room_id bigint NOT NULL REFERENCES rooms
);
"""
HOSTILE = "<img src=x onerror=alert(1)></textarea><script>alert(2)</script> {{ 7|add:7 }} \u202eexe"


def invite(server: Server, *slugs: str) -> dict[str, Any]:
    demo = server.demo
    code = INVITE.format(email=demo["users"]["ana"]["email"], job=demo["job"], slugs=slugs)
    told = server.manage("shell", "-v", "0", "-c", code)
    return json.loads(told.split("DONE", 1)[1])


def see(page: Page) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        axe(page)
    page.emulate_media(color_scheme="light")


def enter(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Agree and go on").click()
    expect(page.get_by_test_id("workspace-list")).to_be_visible()


def start(page: Page, number: int = 0) -> None:
    page.goto("/w/")
    page.get_by_test_id("exercise-row").nth(number).get_by_role("link").first.click()
    page.get_by_role("button", name="Start the clock").click()
    expect(page.get_by_test_id("workspace")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state").first).to_have_attribute("data-state", "saved")


def thread(page: Page, text: str) -> Any:
    return page.locator("[data-comment]").filter(has_text=text)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


# --- J5, J19: the link -------------------------------------------------------------------------


def test_from_the_link_to_a_running_clock_with_a_warm_up_between(pages: Pages) -> None:
    told = invite(pages.server, "password-reset")
    page = pages.new()
    page.goto(told["link"])
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
    expect(page.get_by_test_id("clock")).to_contain_text(re.compile(r"3\d min left"))


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


def test_wrong_revoked_and_expired_links_are_one_page(pages: Pages) -> None:
    told = invite(pages.server, "password-reset")
    page = pages.new()
    enter(page, told["link"])
    pages.server.manage(
        "shell", "-v", "0", "-c",
        "from screening.models import Invitation; from django.utils import timezone;"
        f"Invitation.objects.filter(application={told['application']!r}).update("
        "revoked_at=timezone.now())",
    )  # fmt: skip
    seen = set()
    for address in (told["link"], "/w/", f"/w/{told['rows'][0]}/", "/c/wrong/"):
        answer = page.goto(address)
        assert answer.status == 404
        seen.add(page.locator("main").inner_text())
    assert len(seen) == 1
    see(page)


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


# --- J20, J21 ----------------------------------------------------------------------------------


def test_hostile_text_is_inert_in_every_field(pages: Pages) -> None:
    told = invite(pages.server, "password-reset", "room-booking")
    page = pages.new()
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    enter(page, told["link"])
    for number, fields in ((0, ["overall"]), (1, ["ddl", "decisions", "answer:1"])):
        start(page, number)
        for name in fields:
            page.locator(f"[name='{name}']").fill(HOSTILE)
        if number == 0:
            page.get_by_role("tabpanel").filter(visible=True).locator("button.ln").first.click()
            page.get_by_test_id("comment-form").get_by_role("textbox").fill(HOSTILE)
            page.keyboard.press("Control+Enter")
        saved(page)
        page.reload()
        saved(page)
        page.get_by_role("button", name="Review and submit").click()
        expect(page.get_by_test_id("review")).to_contain_text("onerror=alert(1)")
        page.get_by_test_id("hand-in").click()
        expect(page.get_by_test_id("receipt")).to_contain_text("onerror=alert(1)")
        assert page.locator("img[src=x]").count() == 0


def test_more_time_shows_without_a_reload_and_nothing_typed_is_lost(pages: Pages) -> None:
    told = invite(pages.server, "room-booking")
    page = pages.new()
    enter(page, told["link"])
    start(page)
    expect(page.get_by_test_id("clock")).to_contain_text(re.compile(r"3[45] min left"))
    decisions = page.get_by_label("Decisions")
    decisions.press_sequentially("An exclusion constraint")
    pages.server.manage(
        "shell", "-v", "0", "-c",
        "from screening.models import Assignment; from accounts.models import User;"
        "from screening.actions.invitations import extend_time;"
        f"extend_time(by=User.objects.get(email={pages.server.demo['users']['ana']['email']!r}),"
        f"assignment=Assignment.objects.get(pk={told['rows'][0]!r}), minutes=15,"
        "reason='The network failed')",
    )  # fmt: skip
    expect(page.get_by_test_id("clock")).to_contain_text(re.compile(r"(49|50) min left"))
    expect(decisions).to_be_focused()
    decisions.press_sequentially(", kept")
    expect(decisions).to_have_value("An exclusion constraint, kept")
    saved(page)
