"""Every page as the person it is for: it comes, axe finds nothing, and it fits a phone."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Pages, axe
from tests.e2e.people import candidate, found, member

ID = r"[0-9a-f-]{36}"


@dataclass(frozen=True)
class Place:
    """A page: who looks, at what; `pattern` names an address that the page `at` links to."""

    name: str
    who: str
    at: str
    pattern: str = ""


PLACES = [
    Place("home of a recruiter", "ana", "/"),
    Place("home of a hiring manager", "marta", "/"),
    Place("home of an interviewer", "ben", "/"),
    Place("home of an admin", "ada", "/"),
    Place("loops", "ana", "/loops/"),
    Place("loop_new", "ana", "/loops/new/"),
    Place("loop", "ana", "/loops/{loop}/"),
    Place("loop_library", "ana", "/loops/{loop}/library/"),
    Place("board", "ana", "/loops/{loop}/board/"),
    Place("stage", "ana", "/loops/{loop}/", f"/stages/{ID}/"),
    Place("job", "ana", "/jobs/{job}/"),
    Place("job_new", "ana", "/jobs/new/"),
    Place("candidates", "ana", "/candidates/"),
    Place("candidate_new", "ana", "/candidates/new/"),
    Place("application, scored", "ana", "/applications/{K-17}/"),
    Place("application, working", "ana", "/applications/{W-71}/"),
    Place("application, invited", "ana", "/applications/{B-22}/"),
    Place("exercises", "ben", "/exercises/"),
    Place("exercise", "ben", "/exercises/", f"/exercises/{ID}/"),
    Place("rubric", "ana", "/loops/{loop}/", f"/rubrics/{ID}/"),
    Place("inbox", "ben", "/inbox/"),
    Place("inbox, finished too", "chi", "/inbox/?finished=1"),
    Place("scorecard, to write", "chi", "/inbox/", f"/scorecards/{ID}/"),
    Place("scorecard, submitted", "femi", "/inbox/?finished=1", f"/scorecards/{ID}/"),
    Place("scorecard_submit", "chi", "/scorecards/{draft}/submit/"),
    Place("scorecard_decline", "chi", "/scorecards/{draft}/decline/"),
    Place("debriefs", "marta", "/debriefs/"),
    Place("debrief, decided or ready", "marta", "/debriefs/{K-17}/"),
    Place("debrief, pending", "marta", "/debriefs/{N-08}/"),
    Place("method", "marta", "/method/"),
    Place("exports", "ana", "/exports/"),
    Place("export", "marta", "/exports/", f"/exports/{ID}/"),
    Place("csv_start", "ana", "/imports/new/"),
    Place("csv_upload", "ana", "/jobs/{job}/import/"),
    Place("account", "ana", "/account/"),
    Place("password", "ana", "/accounts/password/change/"),
    Place("two factors", "ana", "/accounts/2fa/"),
    Place("sessions", "ana", "/accounts/sessions/"),
    Place("sign out", "ana", "/accounts/logout/"),
    Place("users", "ada", "/users/"),
    Place("user_new", "ada", "/users/new/"),
    Place("user", "ada", "/users/", f"/users/{ID}/"),
    Place("tokens", "ada", "/tokens/"),
    Place("sign in", "", "/accounts/login/"),
    Place("password forgotten", "", "/accounts/password/reset/"),
    Place("link", "", "{link}"),
    Place("work", "W-71", "/w/"),
    Place("consent", "W-71", "/w/consent/"),
    Place("work_start", "W-71", "/w/", f"/w/{ID}/"),
    Place("workspace", "W-71", "/w/", f"/w/{ID}/workspace/"),
    Place("hand_in_review", "W-71", "/w/{working}/review/"),
]
_cookies: dict[str, object] = {}


def as_candidate(pages: Pages, code: str) -> Page:
    if code not in _cookies:
        _cookies[code] = candidate(pages, code).context.storage_state()
    return pages.new(storage_state=_cookies[code])


def visitor(pages: Pages, who: str) -> Page:
    if not who:
        return pages.new()
    return member(pages, who) if who in pages.server.demo["users"] else as_candidate(pages, who)


def address(pages: Pages, page: Page, place: Place) -> str:
    demo = pages.server.demo
    known = {"loop": demo["loop"], "job": demo["job"], "link": demo["links"]["B-22"]}
    at = place.at
    if "{draft}" in at:
        known["draft"] = found(page, "/inbox/", f"/scorecards/{ID}/").split("/")[2]
    if "{working}" in at:
        known["working"] = found(page, "/w/", f"/w/{ID}/workspace/").split("/")[2]
    for name, value in (known | demo["applications"]).items():
        at = at.replace(f"{{{name}}}", value)
    return found(page, at, place.pattern) if place.pattern else at


def expect_fit(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    wide = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
             [`${document.documentElement.scrollWidth} px`].concat(
               [...document.querySelectorAll("body *")]
                 .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
                 .slice(0, 5).map((one) => `${one.tagName}.${one.className} ${one.id}`))"""
    )
    assert not wide, f"{page.url} is wider than {width} px: {wide}"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_page_comes_is_accessible_and_fits(pages: Pages, place: Place) -> None:
    page = visitor(pages, place.who)
    # Colours that fade from one scheme to the other would be measured half way.
    page.emulate_media(color_scheme="light", reduced_motion="reduce")

    response = page.goto(address(pages, page, place))
    if "/reauthenticate/" in page.url:
        with page.expect_navigation() as answer:
            page.get_by_label("Password").fill(pages.server.demo["password"])
            page.keyboard.press("Enter")
        response = answer.value

    assert response.status == 200
    assert "/reauthenticate/" not in page.url
    assert page.locator("h1").count() == 1
    axe(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    expect_fit(page, 390)
    axe(page)
    expect_fit(page, 320)
