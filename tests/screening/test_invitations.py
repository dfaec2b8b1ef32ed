import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from lib.errors import Refused
from screening.actions import invitations as actions
from screening.actions.assignments import assign_loop, end_application
from screening.models import Assignment, Invitation, LinkToken
from screening.tokens import digest, new_secret
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return factories.recruiter()


@pytest.fixture
def application(alice):
    job = factories.job(team={alice: "recruiter"})
    factories.loop(job, stages=2, link_days=10)
    application = factories.application(job)
    assign_loop(by=alice, application=application)
    return application


def test_a_secret_is_256_bits_and_its_hash_is_keyed(settings):
    secret = new_secret()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
    before = digest(secret)
    settings.SECRET_KEY = "another key"
    assert digest(secret) != before


def test_a_link_invites_and_each_copy_is_fresh(alice, application):
    first, second = (actions.make_link(by=alice, application=application) for _ in range(2))
    assert first != second
    assert set(LinkToken.objects.values_list("digest", flat=True)) == {
        digest(first),
        digest(second),
    }
    assert set(application.assignments.values_list("status", flat=True)) == {"invited"}
    left = Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(days=9, hours=23) < left <= timedelta(days=10)


def test_the_secret_is_in_no_row(alice, application):
    secret = actions.make_link(by=alice, application=application)
    assert not any(secret in str(row) for row in LinkToken.objects.values())
    assert not any(secret in str(row) for row in Event.objects.values())


def test_without_a_loop_there_is_nothing_to_link_to(alice, application):
    Assignment.objects.all().delete()
    with pytest.raises(Refused):
        actions.make_link(by=alice, application=application)


def test_nobody_rejected_gets_a_link(alice, application):
    end_application(by=alice, application=application, status="rejected")
    with pytest.raises(Refused):
        actions.make_link(by=alice, application=application)


def test_copying_an_expired_link_makes_it_live_again(alice, application):
    actions.make_link(by=alice, application=application)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    actions.make_link(by=alice, application=application)
    assert Invitation.objects.get().is_live


def test_extending_twice_to_the_same_day_counts_once(alice, application):
    actions.make_link(by=alice, application=application)
    until = Invitation.objects.get().expires_at + timedelta(days=3)
    for _ in range(2):
        actions.extend_link(by=alice, application=application, until=until)
    assert Invitation.objects.get().expires_at == until
    assert Event.objects.filter(verb="extend_link").count() == 1


def test_a_link_never_works_for_ever(alice, application):
    actions.make_link(by=alice, application=application)
    with pytest.raises(Refused):
        actions.extend_link(by=alice, application=application, days=400)


def test_extending_needs_a_link(alice, application):
    with pytest.raises(Refused):
        actions.extend_link(by=alice, application=application)


def test_a_revoked_link_stays_dead_after_a_new_one(alice, application):
    old = actions.make_link(by=alice, application=application)
    for _ in range(2):
        actions.revoke_link(by=alice, application=application)
    with pytest.raises(Refused):
        actions.extend_link(by=alice, application=application)
    actions.make_link(by=alice, application=application)
    assert not LinkToken.objects.filter(digest=digest(old)).exists()
    assert Event.objects.filter(verb="revoke_link").count() == 1


def test_minutes_are_given_once_per_click(alice, application):
    work = application.assignments.first()
    for _ in range(2):
        work = actions.extend_time(
            by=alice, assignment=work, minutes=15, reason="Train Wi-Fi", expected=0
        )
    assert work.extra_minutes == 15
    event = Event.objects.get(verb="extend_time")
    assert (event.reason, event.changed) == ("Train Wi-Fi", ["extra_minutes"])


@pytest.mark.parametrize(
    ("minutes", "reason"), [(15, " "), (0, "Why"), (-5, "Why"), (10_000, "Why")]
)
def test_minutes_need_a_reason_and_a_measure(alice, application, minutes, reason):
    with pytest.raises(Refused):
        actions.extend_time(
            by=alice,
            assignment=application.assignments.first(),
            minutes=minutes,
            reason=reason,
        )


def test_the_sum_of_extra_minutes_has_an_end(alice, application):
    work = application.assignments.first()
    actions.extend_time(by=alice, assignment=work, minutes=200, reason="Accessibility")
    with pytest.raises(Refused):
        actions.extend_time(by=alice, assignment=work, minutes=60, reason="More")


def test_no_minutes_after_the_hand_in(alice, application):
    application.assignments.update(status="handed_in")
    with pytest.raises(Refused):
        actions.extend_time(
            by=alice, assignment=application.assignments.first(), minutes=15, reason="Why"
        )


# --- the pages


def test_a_link_is_shown_once_and_needs_a_post(client, alice, application):
    client.force_login(alice)
    url = reverse("link_make", args=[application.pk])
    assert client.get(url).status_code == 405
    answer = client.post(url)
    assert answer.status_code == 200
    shown = re.search(r'data-copy="([^"]+)" data-testid="copy-link"', answer.content.decode())
    secret = shown[1].rstrip("/").rsplit("/", 1)[1]
    assert LinkToken.objects.get().digest == digest(secret)
    page = client.get(reverse("application", args=[application.pk])).content.decode()
    assert secret not in page


def test_with_htmx_only_the_box_comes_back(client, alice, application):
    client.force_login(alice)
    answer = client.post(
        reverse("link_make", args=[application.pk]), headers={"HX-Request": "true"}
    )
    body = answer.content.decode()
    assert body.strip().startswith(f'<div class="cluster" id="link-{application.pk}">')
    assert "<html" not in body
    Assignment.objects.all().delete()
    answer = client.post(
        reverse("link_make", args=[application.pk]), headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert "Assign the loop first" in answer.content.decode()


def test_beside_the_link_its_panel_comes_anew(client, alice, application):
    client.force_login(alice)
    page = reverse("application", args=[application.pk])
    assert "none given out yet" in client.get(page).text
    url = reverse("link_make", args=[application.pk])
    asked = {"HX-Request": "true", "HX-Target": "link-panel"}
    panel = client.post(url, headers=asked).text
    assert "none given out yet" not in panel
    assert f'id="url-{application.pk}"' in panel
    assert reverse("link_revoke", args=[application.pk]) in panel
    Assignment.objects.all().delete()
    refused = client.post(url, headers=asked)
    assert refused.status_code == 422
    assert refused["HX-Retarget"] == refused["HX-Reselect"] == f"#link-{application.pk}"


def test_extending_from_the_page_counts_a_double_click_once(client, alice, application):
    actions.make_link(by=alice, application=application)
    client.force_login(alice)
    page = client.get(reverse("application", args=[application.pk])).content.decode()
    until = re.search(r'name="until" value="([^"]+)"', page)[1]
    before = Invitation.objects.get().expires_at
    for _ in range(2):
        client.post(reverse("link_extend", args=[application.pk]), {"until": until})
    assert Invitation.objects.get().expires_at - before == timedelta(days=3)


def test_minutes_from_the_page_need_a_reason(client, alice, application):
    client.force_login(alice)
    work = application.assignments.first()
    url = reverse("time_extend", args=[work.pk])
    for facts in ({"minutes": 15}, {"minutes": "x", "reason": "Why"}, {}):
        assert client.post(url, facts).status_code == 303
    work.refresh_from_db()
    assert work.extra_minutes == 0
    for _ in range(2):
        client.post(url, {"minutes": 15, "reason": "Interrupted", "expected": 0})
    work.refresh_from_db()
    assert work.extra_minutes == 15


def test_time_is_the_recruiters_to_give(client, alice, application):
    bob = factories.manager()
    application.job.team.create(user=bob, role="hiring_manager")
    url = reverse("time_extend", args=[application.assignments.first().pk])
    for user in (bob, factories.admin(), factories.recruiter("Charlie Other")):
        client.force_login(user)
        assert client.post(url, {"minutes": 15, "reason": "Why"}).status_code == 404


def test_revoking_from_the_page(client, alice, application):
    actions.make_link(by=alice, application=application)
    client.force_login(alice)
    client.post(reverse("link_revoke", args=[application.pk]))
    assert not Invitation.objects.get().is_live
