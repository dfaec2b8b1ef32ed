"""One hire, six people: from an empty loop to a PDF and an ATS that reads the result.

Each step is a function named after who acts; the story test calls them in order, since each needs
what the one before left behind. Every page that somebody sees is checked by axe.
"""

import io
import json
import re
import urllib.request
import zipfile
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Pages, Server, assert_focus, axe

expect.set_options(timeout=15_000)
JOB = "Platform engineer"
REASON = "Names the takeover first and fixes it in one line; probe ownership in the first month."
TAKEOVER = "The link is built from the Host header: one click and the token is mine."
PHONE = "The phone app stays signed in, and the brief is about a stolen phone."
SCHEMA = "CREATE TABLE bookings (id bigint PRIMARY KEY, room_id bigint NOT NULL, during tstzrange);"


@dataclass
class Story:
    """What the people of the story hand to each other."""

    pages: Pages
    server: Server

    @property
    def demo(self) -> dict[str, Any]:
        return self.server.demo

    def signed_in(self, key: str, **options: Any) -> Page:
        return self.pages.signed_in(
            self.demo["users"][key]["email"], self.demo["password"], **options
        )


def see(page: Page) -> None:
    """What every page of the story must bear: no accessibility violation, light and dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        axe(page)
    page.emulate_media(color_scheme="light")


# --- Recruiter ---------------------------------------------------------------------------------


def recruiter_opens_a_job(page: Page) -> None:
    see(page)
    page.goto("/loops/")
    see(page)
    page.goto("/jobs/new/")
    page.get_by_label("Title").fill(JOB)
    page.get_by_label("Level").select_option(label="Senior")
    page.get_by_label("Requirements").fill("Owns bookings. At least 5 years of Django.")
    page.get_by_label("Marta Lindqvist").check()
    for name in ("Ben Okafor", "Chi Nguyen"):
        page.get_by_label(name).check()
    see(page)
    page.get_by_role("button", name="Open job").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("loop", ignore_case=True)


def recruiter_builds_a_loop(page: Page) -> None:
    page.get_by_label("An empty loop").check()
    see(page)
    page.get_by_role("button", name="Create loop").click()
    for title in ("Data model: booking rooms without overlaps", "Risky endpoint: password reset"):
        page.get_by_role("link", name="Add from library").first.click()
        see(page)
        page.get_by_role("button", name=f"Add {title}").click()
        expect(page.get_by_test_id("stage-row").filter(has_text=title)).to_be_visible()
    page.get_by_role("button", name="Move Risky endpoint: password reset up").click()
    expect(page.get_by_test_id("stage-row").first).to_contain_text("password reset")
    assert_focus(page)
    expect(page.locator("main")).to_contain_text("2 times")
    expect(page.locator("main")).to_contain_text("5 years of Django")
    see(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator("main")).to_contain_text("open to candidates")


def recruiter_invites(page: Page) -> str:
    """Adds a person, assigns the panel, and returns the address the candidate gets."""
    page.goto("/candidates/new/")
    page.get_by_label("Job", exact=True).select_option(label=f"{JOB}, senior")
    page.get_by_label("First name").fill("Ines")
    page.get_by_label("Last name").fill("Carvalho")
    page.get_by_label("E-mail").fill("ines@candidates.example")
    see(page)
    page.get_by_role("button", name="Add candidate").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ines Carvalho")
    for number in range(2):
        for _seat in range(2):
            stage = page.get_by_test_id("stage").nth(number)
            stage.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_test_id("stage").first.get_by_text("Ben Okafor")).to_be_visible()
    see(page)
    page.get_by_test_id("copy-link").first.click()
    link = page.get_by_test_id("candidate-link")
    expect(link).to_be_visible()
    return link.input_value()


# --- Candidate ---------------------------------------------------------------------------------


def candidate_opens_the_link(page: Page, link: str) -> None:
    page.goto(link)
    see(page)
    page.get_by_role("button", name="Continue").click()
    see(page)
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Agree and go on").click()
    expect(page.get_by_test_id("exercise-row")).to_have_count(2)
    see(page)


def candidate_starts(page: Page, title: str) -> None:
    page.get_by_test_id("exercise-row").filter(has_text=title).get_by_role(
        "link", name="Read first"
    ).click()
    see(page)
    page.get_by_role("button", name="Start the clock").click()
    expect(page.get_by_test_id("workspace")).to_be_visible()


def candidate_reviews_the_endpoint(page: Page) -> None:
    candidate_starts(page, "password reset")
    reset = page.get_by_role("tab", name="portal/reset.py")
    reset.click()
    comment(page, 74, None, TAKEOVER, "critical")
    comment(page, 105, 106, PHONE, "critical")
    page.get_by_label("What would you tell the author first").fill("Do not ship: two takeovers.")
    page.get_by_role("group").filter(has_text="Your conversation with the AI").locator(
        "summary"
    ).click()
    page.get_by_test_id("transcript-input").fill("Me: is the Host header safe?\nAI: Yes.\nMe: No.")
    saved(page)
    see(page)
    page.reload()
    expect(page.locator("[data-comment-list]")).to_contain_text(PHONE[:40])
    candidate_hands_in(page)


def comment(page: Page, first: int, last: int | None, text: str, severity: str) -> None:
    panel = page.get_by_role("tabpanel").filter(visible=True)
    panel.get_by_test_id(f"line-{first}").get_by_role("button").click()
    if last:
        page.keyboard.press("Escape")
        panel.get_by_test_id(f"line-{first}").get_by_role("button").focus()
        page.keyboard.press("Shift+ArrowDown")
        page.keyboard.press("Enter")
    form = page.get_by_test_id("comment-form")
    form.get_by_text(severity, exact=True).click()
    form.get_by_label("Your comment").fill(text)
    page.keyboard.press("Control+Enter")
    expect(panel.locator("[data-comment]").filter(has_text=text)).to_be_visible()
    assert_focus(page)


def candidate_designs(page: Page) -> None:
    page.goto("/w/")
    candidate_starts(page, "booking rooms")
    page.get_by_test_id("ddl-source").fill(SCHEMA)
    page.get_by_label("Decisions").fill("An exclusion constraint keeps two bookings apart.")
    saved(page)
    see(page)
    candidate_hands_in(page)


def candidate_hands_in(page: Page) -> None:
    page.get_by_role("button", name="Review and submit").click()
    expect(page.get_by_test_id("review")).to_be_visible()
    see(page)
    page.get_by_test_id("hand-in").click()
    expect(page.get_by_test_id("receipt")).to_contain_text("in time")
    see(page)


def saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state").first).to_have_attribute("data-state", "saved")


# --- Interviewers ------------------------------------------------------------------------------


def interviewer_scores(page: Page, points: str, recommendation: str) -> None:
    """Both scorecards of the story's candidate, by keys: a digit, evidence, next."""
    for _card in range(2):
        page.goto("/inbox/")
        row = page.get_by_test_id("inbox-row").filter(has_text=JOB).filter(has_text="not begun")
        see(page)
        row.first.get_by_role("link").click()
        expect(page.get_by_text("Blind until you submit")).to_be_visible()
        page.locator("body").press("j")
        page.keyboard.press("k")
        count = page.locator("section.criterion").count()
        for number in range(count):
            page.keyboard.press(points[number % len(points)])
            page.keyboard.press("e")
            page.keyboard.type(f"Seen in the work, criterion {number + 1}.")
            page.keyboard.press("Escape")
            page.keyboard.press("j")
        page.get_by_test_id("recommendation").get_by_text(recommendation, exact=True).click()
        saved(page)
        expect(page.get_by_text(f"{count} of {count} scored").filter(visible=True)).to_be_visible()
        see(page)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_test_id("submit-dialog")).to_be_visible()
        axe(page)
        page.get_by_test_id("submit-confirm").click()
        expect(page.get_by_test_id("submit-dialog")).to_have_count(0)


def interviewer_is_blind(page: Page, application: str) -> None:
    assert page.goto(f"/debriefs/{application}/").status == 404


# --- Hiring manager ----------------------------------------------------------------------------


def manager_decides(page: Page, application: str) -> None:
    see(page)
    page.goto("/debriefs/")
    see(page)
    page.goto(f"/debriefs/{application}/")
    expect(page.get_by_test_id("heatmap")).to_be_visible()
    expect(page.get_by_test_id("forest")).to_contain_text("Calibrated (80 %)")
    expect(page.locator("main")).to_contain_text("stricter than the panel")
    see(page)
    page.get_by_test_id("heatmap").get_by_role("link").first.click()
    expect(page.locator("main")).to_contain_text("Seen in the work, criterion 1.")
    see(page)
    page.get_by_test_id("decision").get_by_text("Hire", exact=True).click()
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Record decision").click()
    expect(page.get_by_test_id("decision")).to_contain_text(REASON)


# --- Admin -------------------------------------------------------------------------------------


def admin_exports(page: Page) -> bytes:
    """One PDF of the story's candidate, through the worker; its bytes."""
    page.goto("/exports/")
    see(page)
    value = page.locator("#export-loop option", has_text=JOB).get_attribute("value")
    with page.expect_navigation():
        page.get_by_label("Loop", exact=True).select_option(value)
    page.get_by_role("button", name="Export PDFs").click()
    job = page.get_by_test_id("export-job").first
    expect(job).to_have_attribute("data-status", "succeeded", timeout=60_000)
    see(page)
    with page.expect_download() as told:
        page.get_by_test_id("download").first.click()
    return told.value.path().read_bytes()


def admin_makes_a_token(page: Page, password: str) -> str:
    page.goto("/tokens/")
    if "reauthenticate" in page.url:
        see(page)
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/tokens/")
    see(page)
    page.get_by_label("Name", exact=True).fill("ATS sync")
    for scope in ("jobs:read", "applications:read", "results:read", "candidates:write"):
        page.get_by_label(scope, exact=True).check()
    page.get_by_role("button", name="Make token").click()
    see(page)
    return page.locator("#new-token").inner_text()


# --- REST client -------------------------------------------------------------------------------


def call(story: Story, token: str, path: str, body: Any = None) -> tuple[int, Any]:
    request = urllib.request.Request(  # noqa: S310  (our own address)
        f"{story.server.url}/api/v1{path}",
        data=None if body is None else json.dumps(body).encode(),
        method="GET" if body is None else "PUT",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as response:  # noqa: S310
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def ats_syncs(story: Story, token: str, application: str) -> None:
    status, page = call(story, token, "/results?page_size=200")
    assert status == 200
    [result] = [one for one in page["data"] if one["application_id"] == application]
    assert 0 < result["raw_score"] < 100
    band = result["calibrated_score"]
    assert band["low"] < band["value"] < band["high"]
    assert result["why_not_calibrated"] is None
    person = {"first_name": "Ines", "last_name": "Carvalho", "emails": []}
    assert call(story, token, "/candidates/external/ats/77", person)[0] == 201
    assert call(story, token, "/candidates/external/ats/77", person)[0] == 200
    status, problem = call(story, token, "/users")
    assert (status, problem["code"]) == (403, "insufficient_scope")


# --- The story ---------------------------------------------------------------------------------


def test_six_people_hire_somebody(pages: Pages, server: Server) -> None:
    story = Story(pages, server)
    ana = story.signed_in("ana")
    recruiter_opens_a_job(ana)
    recruiter_builds_a_loop(ana)
    link = recruiter_invites(ana)
    application = re.search(r"/applications/([0-9a-f-]{36})", ana.url)[1]

    ines = pages.new()
    candidate_opens_the_link(ines, link)
    candidate_reviews_the_endpoint(ines)
    candidate_designs(ines)

    ben, chi = story.signed_in("ben"), story.signed_in("chi")
    interviewer_scores(ben, "4332", "Yes")
    interviewer_is_blind(chi, application)
    interviewer_scores(chi, "3231", "No")

    manager_decides(story.signed_in("marta"), application)

    ada = story.signed_in("ada")
    document = admin_exports(ada)
    assert document.startswith(b"%PDF") or zipfile.is_zipfile(io.BytesIO(document))
    token = admin_makes_a_token(ada, story.demo["password"])
    ats_syncs(story, token, application)
