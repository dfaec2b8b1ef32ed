"""Somebody new with a link, and what they do again and again."""

import json
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, axe

# Somebody new with a link, given the exercises of these slugs, by the product's own verbs.
INVITE = """
import json
from accounts.models import User
from candidates.models import Job
from exercises.models import ExerciseVersion
from screening.actions.assignments import assign_interviewer
from screening.actions.candidates import add_candidate
from screening.actions.invitations import make_link
ana = User.objects.get(email={email!r})
job = Job.objects.get(pk={job!r})
application = add_candidate(by=ana, job=job, first_name="Noor", with_loop=True)
rows = [row for row in application.assignments.order_by("position") if row.mode == "take_home"]
dev = User.objects.get(email={dev!r})
cards = []
for row, slug in zip(rows, {slugs!r}):
    row.exercise_version = ExerciseVersion.objects.filter(
        exercise__slug=slug).order_by("-number").first()
    row.title = row.exercise_version.title
    row.save()
    cards.append(assign_interviewer(by=ana, assignment=row, interviewer=dev))
secret = make_link(by=ana, application=application)
print("DONE" + json.dumps({{"link": "/c/" + secret + "/", "application": str(application.pk),
    "cards": [f"/scorecards/{{card.pk}}/" for card in cards],
    "rows": [str(row.pk) for row in rows]}}))
"""


def invite(server: Server, *slugs: str) -> dict[str, Any]:
    """Their link, application, begun exercises, and the scorecards that Dev has of them."""
    demo = server.demo
    users = demo["users"]
    code = INVITE.format(
        email=users["ana"]["email"], dev=users["dev"]["email"], job=demo["job"], slugs=slugs
    )
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


def shell(server: Server, code: str) -> None:
    server.manage("shell", "-v", "0", "-c", code)


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="Review and submit").click()
    expect(page.get_by_test_id("review")).to_be_visible()
    if page.get_by_label("I used no AI").count():
        page.get_by_label("I used no AI").check()
    page.get_by_test_id("hand-in").click()
    expect(page.get_by_test_id("receipt")).to_be_visible()


def saved(page: Page) -> None:
    expect(page.get_by_test_id("save-state").first).to_have_attribute("data-state", "saved")


def thread(page: Page, text: str) -> Any:
    return page.locator("[data-comment]").filter(has_text=text)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
