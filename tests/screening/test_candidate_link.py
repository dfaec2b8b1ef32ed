"""The link: what opens it, what does not, and which device writes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from lib.errors import Refused
from screening.actions import submissions as actions
from screening.actions.invitations import make_link, revoke_link
from screening.models import Assignment, Invitation
from tests.screening.candidate_world import invitation, op, work, world

pytestmark = pytest.mark.django_db

UNSEEN = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


def path(secret):
    return reverse("link", args=[secret])


def opened(here, browser=None):
    browser = browser or Client()
    assert browser.post(path(here.secret)).status_code == 302
    return browser


def agreed(here, browser=None):
    browser = opened(here, browser)
    browser.post(reverse("consent"), {"agree": "yes"})
    return browser


def headers_of(response):
    return {name: response.headers.get(name) for name in UNSEEN}


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_a_link_changes_nothing(client, method):
    here = world()
    events = Event.objects.count()
    response = getattr(client, method)(path(here.secret))
    assert response.status_code == 200
    assert headers_of(response) == UNSEEN
    assert "candidate" not in response.cookies
    row = invitation(here.application)
    assert (row.opened_at, row.device, Event.objects.count()) == (None, "", events)


def test_continue_opens_it_once_and_leaves_a_clean_address(client):
    here = world()
    assert b"Continue" in client.get(path(here.secret)).content
    response = client.post(path(here.secret))
    assert response.url == reverse("work")
    assert headers_of(response) == UNSEEN
    cookie = response.cookies["candidate"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"], cookie["secure"]) == ("Lax", "/", "")
    assert here.secret not in cookie.value
    first = invitation(here.application).opened_at
    client.post(path(here.secret))
    assert invitation(here.application).opened_at == first
    assert Event.objects.filter(verb="open_link", by=None).count() == 1
    assert not Event.objects.filter(verb="change_device").exists()


def test_over_https_the_cookie_is_bound_to_the_host(client):
    here = world()
    response = client.post(path(here.secret), secure=True, HTTP_REFERER="https://testserver/")
    cookie = response.cookies["__Host-candidate"]
    assert cookie["secure"]
    assert not cookie["domain"]


def test_a_changed_cookie_is_nobody():
    here = world()
    browser = agreed(here)
    value = browser.cookies["candidate"].value
    browser.cookies["candidate"] = value[:-2] + ("AA" if value[-2:] != "AA" else "BB")
    assert browser.get(reverse("work")).status_code == 404


def test_every_no_is_the_same_page(client):
    here = world()
    wrong = client.get(path("A" * 43))
    assert wrong.status_code == 404
    answers = {}
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answers["expired"] = client.get(path(here.secret))
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    Assignment.objects.update(status="handed_in")
    answers["finished"] = client.get(path(here.secret))
    Assignment.objects.update(status="invited")
    revoke_link(by=here.alice, application=here.application)
    answers["revoked"] = client.get(path(here.secret))
    answers["posted"] = client.post(path(here.secret))
    answers["no cookie"] = client.get(reverse("work"))
    for why, answer in answers.items():
        assert answer.status_code == wrong.status_code, why
        assert _without_token(answer) == _without_token(wrong), why
        assert headers_of(answer) == UNSEEN, why


def _without_token(response):
    return [line for line in response.content.splitlines() if b"csrf-token" not in line]


def test_a_withdrawn_candidate_has_no_link():
    here = world()
    browser = agreed(here)
    here.application.status = "withdrawn"
    here.application.save()
    assert browser.get(reverse("work")).status_code == 404


def test_revoking_ends_the_browser_too_and_a_new_link_does_not_bring_it_back():
    here = world()
    browser = agreed(here)
    revoke_link(by=here.alice, application=here.application)
    assert browser.get(reverse("work")).status_code == 404
    make_link(by=here.alice, application=here.application)
    assert browser.get(reverse("work")).status_code == 404


def test_nothing_starts_before_the_promise_is_read():
    here = world()
    browser = opened(here)
    for name in ("work_start", "workspace", "hand_in_review"):
        assert browser.get(reverse(name, args=[here.first])).url == reverse("consent")
    page = browser.get(reverse("consent")).content.decode()
    assert "180 days after the decision" in page
    assert "Criterion 1" in page
    assert "allowed; say where you used it" in page
    assert browser.post(reverse("consent")).status_code == 422
    assert browser.post(reverse("consent"), {"agree": "yes"}).url == reverse("work")
    assert invitation(here.application).consented_at
    assert Event.objects.filter(verb="consent", by=None).count() == 1


def test_another_persons_exercise_is_not_there():
    here, there = world(), world()
    browser = agreed(here)
    for name in ("work_start", "workspace", "hand_in_review", "receipt", "work_clock"):
        response = browser.get(reverse(name, args=[there.first]))
        assert response.status_code == 404, name
        assert headers_of(response) == UNSEEN


def test_the_newer_device_takes_over_and_the_older_is_told():
    here = world()
    phone = agreed(here)
    desk = opened(here)
    assert phone.get(reverse("work")).status_code == 409
    told = phone.get(reverse("work_start", args=[here.first]))
    assert told.status_code == 409
    assert b"another device" in told.content
    assert desk.get(reverse("work")).status_code == 200
    assert Event.objects.filter(verb="change_device").count() == 1
    assert phone.post(reverse("work")).status_code == 302
    assert phone.get(reverse("work")).status_code == 200
    assert desk.get(reverse("work")).status_code == 409


def test_what_the_older_device_had_not_sent_is_kept_as_a_version():
    here = world()
    phone = agreed(here)
    phone.post(reverse("work_start", args=[here.first]))
    desk = opened(here)
    url = reverse("work_save", args=[here.first])
    headers = {"X-Autosave": "1"}
    ops = {"ops": [op("overall", "typed in the train")]}
    for _twice in range(2):
        answer = phone.post(url, ops, content_type="application/json", headers=headers)
        assert answer.status_code == 409
        assert "another device" in answer.json()["detail"]
    saved = work(Assignment.objects.get(pk=here.first))
    assert saved.value("overall", None) is None
    [version] = saved.fields["overall"]["kept"]
    assert version["v"] == "typed in the train"
    answer = desk.post(
        url, {"ops": [op("overall", "typed at home")]}, content_type="application/json"
    )
    assert answer.json()["answers"][0]["status"] == "ok"
    page = desk.get(reverse("workspace", args=[here.first])).content.decode()
    assert "typed at home" in page
    assert "typed in the train" in page


def test_a_form_post_from_the_older_device_is_kept_too():
    here = world()
    phone = agreed(here)
    phone.post(reverse("work_start", args=[here.first]))
    opened(here)
    answer = phone.post(reverse("workspace", args=[here.first]), {"overall": "no script"})
    assert answer.status_code == 409
    assert (
        work(Assignment.objects.get(pk=here.first)).fields["overall"]["kept"][0]["v"] == "no script"
    )


def test_a_browser_that_hides_where_it_comes_from_may_post_with_its_token():
    here = world()
    browser = Client(enforce_csrf_checks=True)
    browser.get(path(here.secret))
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    hidden = {"Origin": "null"}
    assert browser.post(path(here.secret), headers=hidden).status_code == 403
    assert browser.post(path(here.secret), token, headers=hidden).status_code == 302
    foreign = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    assert browser.post(path(here.secret), token, headers=foreign).status_code == 403
    elsewhere = {"Origin": "https://evil.example"}
    assert browser.post(path(here.secret), token, headers=elsewhere).status_code == 403


def test_over_https_a_hidden_origin_needs_the_browsers_word():
    here = world()
    browser = Client(enforce_csrf_checks=True)
    browser.get(path(here.secret), secure=True)
    token = {"csrfmiddlewaretoken": browser.cookies["csrftoken"].value}
    hidden = {"Origin": "null"}
    said = {**hidden, "Sec-Fetch-Site": "same-origin"}
    assert browser.post(path(here.secret), token, secure=True, headers=hidden).status_code == 403
    assert browser.post(path(here.secret), token, secure=True, headers=said).status_code == 302


def test_no_user_is_looked_up_even_when_one_is_signed_in(client, django_assert_max_num_queries):
    here = world()
    client.force_login(here.chi)
    agreed(here, client)
    with django_assert_max_num_queries(10) as asked:
        assert client.get(reverse("work")).status_code == 200
    assert not any("django_session" in one["sql"] for one in asked)
    assert "sessionid" not in agreed(here).cookies


def test_the_list_costs_the_same_with_many_exercises(django_assert_num_queries):
    few, many = world(stages=1), world(stages=8)
    one, other = agreed(few), agreed(many)
    with django_assert_num_queries(4):
        one.get(reverse("work"))
    with django_assert_num_queries(4):
        other.get(reverse("work"))


def test_an_exercise_without_a_person_at_home_is_not_listed():
    here = world()
    Assignment.objects.filter(pk=here.second).update(mode="live")
    page = agreed(here).get(reverse("work")).content.decode()
    assert page.count("exercise-row") == 1


def test_starting_twice_keeps_the_first_time():
    here = world()
    browser = agreed(here)
    url = reverse("work_start", args=[here.first])
    assert browser.get(url).status_code == 200
    assert Assignment.objects.get(pk=here.first).started_at is None
    assert browser.post(url).url == reverse("workspace", args=[here.first])
    started = Assignment.objects.get(pk=here.first).started_at
    browser.post(url)
    assert Assignment.objects.get(pk=here.first).started_at == started
    assert Event.objects.filter(verb="start_assignment").count() == 1


def test_the_contact_is_the_recruiter():
    here = world()
    page = agreed(here).get(reverse("work")).content.decode()
    assert here.alice.email in page
    assert here.chi.email not in page


def test_take_over_after_the_end_is_refused():
    here = world()
    row = actions.open_link(secret=here.secret, device="one")
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        actions.take_over(invitation=row, device="two")
    assert Invitation.objects.get().device == "one"
