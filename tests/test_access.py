"""T1: every route, asked by everybody, of their own job, of another one and of nothing at all."""

import pytest
from django.test import Client

from accounts.actions import create_token
from accounts.models.tokens import Scope
from accounts.rules import TABLE
from tests import walk
from tests.world import World

pytestmark = pytest.mark.django_db

# An autosave behind a link says 401, so that the browser keeps the draft.
FORBIDDEN = {"w/<uuid:pk>/save/": {401}, "w/warm-up/save/": {401}}
OF_API = {401, 403, 404}
# Pages of other packages that answer whoever is not signed in, because that is what they are for.
OPEN_ACCOUNT_PAGES = {
    *("account_login", "account_signup", "account_reset_password", "account_inactive"),
    *("account_reset_password_done", "account_reset_password_from_key"),
    *("account_reset_password_from_key_done", "account_email_verification_sent"),
    "account_confirm_email",
}


@pytest.fixture
def world():
    return World()


def wrong(world, actor, *, api, **headers):
    """What the table says otherwise than the site does, as sentences."""
    client = Client() if api else world.clients[actor]
    found = []
    for step in walk.steps(world, api=api):
        answer = walk.send(client, step, **headers)
        if answer.status_code == 405 and not api:
            continue  # a page for the other method; `test_every_route_is_walked` counts them
        problem = judge(step, actor, answer, api=api)
        if problem:
            found.append(f"{step.method} {step.path} ({step.rule}, {step.part}): {problem}")
    return found


def judge(step, actor, answer, *, api):
    status = answer.status_code
    if status >= 500:
        return f"{status}, a fault"
    if step.is_allowed(actor):
        is_sent_off = status in {301, 302} and "login" in answer["Location"]
        return f"{status}, though allowed" if status in OF_API or is_sent_off else ""
    if not api and actor in {"anonymous", "candidate"} and is_behind_sign_in(step):
        return "" if is_to_sign_in(answer) else f"{status} instead of the sign-in page"
    expected = OF_API if api else {404} | FORBIDDEN.get(step.route, set())
    return "" if status in expected else f"{status}, though forbidden"


def is_behind_sign_in(step):
    return "anyone" not in TABLE[step.rule].who


def is_to_sign_in(answer):
    return answer.status_code == 302 and answer["Location"].startswith("/accounts/login/")


def test_every_route_is_in_the_map():
    here = {route for route, _ in walk.ours()}
    missing = sorted(here - set(walk.SPECS))
    assert not missing, (
        f"Nobody walks {missing}. Add a line for each to PAGES or API in tests/walk.py: its "
        "pattern and which id of tests/world.py it takes, for example "
        '"loops/<uuid:pk>": _(pk="loop").'
    )
    gone = sorted(set(walk.SPECS) - here)
    assert not gone, f"These routes are no more; take their lines out of tests/walk.py: {gone}"


@pytest.mark.parametrize("actor", ["anonymous", "candidate", *walk.PEOPLE])
def test_pages_answer_as_the_table_says(world, actor):
    assert not (found := wrong(world, actor, api=False)), "\n".join(found)


@pytest.mark.parametrize("actor", walk.PEOPLE)
def test_the_api_answers_as_the_table_says(world, actor):
    headers = {"Authorization": f"Bearer {world.keys[actor]}"}
    assert not (found := wrong(world, actor, api=True, **headers)), "\n".join(found)


def test_the_api_knows_nobody_without_a_token(world):
    client = world.clients["admin"]  # a session opens no API
    for step in walk.steps(world, api=True):
        expected = 200 if "anyone" in TABLE[step.rule].who else 401
        assert walk.send(client, step).status_code == expected, step


@pytest.mark.parametrize("scope", Scope.values)
def test_a_token_opens_what_its_scope_says(world, scope):
    _, key = create_token(by=world.users["recruiter"], name="One", scopes=[scope])
    for step in walk.steps(world, api=True):
        needed = TABLE[step.rule].scope
        if "anyone" in TABLE[step.rule].who or needed in {None, scope}:
            continue
        answer = walk.send(Client(), step, Authorization=f"Bearer {key}")
        assert answer.status_code == 403, step


def test_every_page_answers_one_method_at_least(world):
    client, seen, answered = world.clients["admin"], set(), set()
    for step in walk.steps(world, api=False):
        seen.add(step.route)
        if walk.send(client, step).status_code != 405:
            answered.add(step.route)
    assert seen == answered


def test_autosave_without_a_session_says_401(world):
    for step in walk.steps(world, api=False):
        if step.route == "scorecards/<uuid:pk>/save/":
            answer = walk.send(Client(), step, **{"X-Autosave": "1"})
            assert answer.status_code == 401


def test_pages_of_other_packages_stand_behind_the_sign_in(world):
    client = Client()
    for route, pattern in walk.routes():
        if not pattern.callback.__module__.startswith(walk.FOREIGN):
            continue
        path = route.replace("^", "").replace("$", "")
        path = path.replace(r"(?P<key>[-:\w]+)", "x").replace(r"(?P<uidb36>[0-9A-Za-z]+)", "1")
        answer = client.get("/" + path.replace("(?P<key>.+)", "x"))
        assert answer.status_code < 500, route
        if answer.status_code == 200:
            assert pattern.name in OPEN_ACCOUNT_PAGES, f"{route} is open to everybody"
