"""Ada administers people and keys; nobody else can."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import actions
from accounts.models import ApiToken, Event, User
from lib.errors import Refused
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    """Signed in with her password just now, as admin pages demand."""
    ada = with_password(factories.admin())
    sign_in(client, ada)
    facts = {"password": factories.PASSWORD, "next": reverse("account")}
    client.post(reverse("account_reauthenticate"), facts)
    return ada


def with_password(user: User) -> User:
    user.set_password(factories.PASSWORD)
    user.save()
    return user


def sign_in(client: Client, user: User) -> None:
    facts = {"login": user.email, "password": factories.PASSWORD, "next": reverse("account")}
    assert client.post(reverse("account_login"), facts).status_code == 302


def test_invites_a_user_who_then_chooses_a_password(ada: User, client: Client) -> None:
    facts = {"email": "Dev@Example.org", "name": "Dev Raman", "is_interviewer": "on"}
    page = client.post(reverse("user_new"), facts).content.decode()
    link = re.search(r"http://testserver(/accounts/password/reset/key/[^\"]+)", page)
    assert link
    dev = User.objects.get(email="dev@example.org")
    assert dev.is_interviewer
    assert not dev.has_usable_password()
    guest = Client()
    form = guest.get(link[1], follow=True)
    target = form.redirect_chain[-1][0]
    told = {"password1": "a long passphrase", "password2": "a long passphrase"}
    done = guest.post(target, told, follow=True).content.decode()
    assert f'href="{reverse("account_login")}">Sign in' in done
    assert "This link is not open" in Client().get(link[1], follow=True).content.decode()
    dev.refresh_from_db()
    assert dev.check_password("a long passphrase")
    assert Event.objects.get(verb="invite_user").by == ada


def test_the_same_address_twice_is_told_so(ada: User, client: Client) -> None:
    factories.user("Chi Nguyen", email="chi@example.org")
    response = client.post(
        reverse("user_new"), {"email": "CHI@example.org", "name": "Chi", "is_recruiter": "on"}
    )
    assert response.status_code == 422
    assert "already has an account" in response.content.decode()


def test_a_user_without_a_role_is_refused(ada: User, client: Client) -> None:
    response = client.post(reverse("user_new"), {"email": "x@example.org", "name": "X"})
    assert response.status_code == 422
    assert "Choose at least one role" in response.content.decode()


def test_a_change_of_roles_signs_out(ada: User, client: Client) -> None:
    chi = with_password(factories.interviewer())
    theirs = Client()
    sign_in(theirs, chi)
    assert theirs.get(reverse("account")).status_code == 200
    response = client.post(
        reverse("user", args=[chi.pk]), {"name": chi.name, "is_recruiter": "on", "is_active": "on"}
    )
    assert response.status_code == 302
    assert theirs.get(reverse("account")).status_code == 302


def test_the_last_admin_stays() -> None:
    ada = factories.admin()
    with pytest.raises(Refused, match="last admin"):
        actions.update_user(by=ada, user=ada, is_admin=False)
    factories.admin("Bea Admin")
    actions.update_user(by=ada, user=ada, is_admin=False)


def test_a_token_is_shown_once_and_kept_as_a_hash(ada: User, client: Client) -> None:
    page = client.post(reverse("tokens"), {"name": "ATS", "scopes": ["jobs:read"]}).content.decode()
    key = re.search(r"scr_[0-9a-f]{8}_[\w-]{43}", page)
    assert key
    assert len(key[0]) < 171
    token = ApiToken.objects.get()
    assert token.digest == actions.token_digest(key[0])
    assert key[0] not in str(vars(token))
    assert key[0] not in client.get(reverse("tokens")).content.decode()


def test_revoking_twice_is_one_event() -> None:
    ada = factories.admin()
    token, _key = actions.create_token(by=ada, name="ATS", scopes=["jobs:read"])
    actions.revoke_token(by=ada, token=token)
    actions.revoke_token(by=ada, token=token)
    token.refresh_from_db()
    assert token.revoked_at <= timezone.now()
    assert not token.is_live
    assert Event.objects.filter(verb="revoke_token").count() == 1


@pytest.mark.parametrize("name", ["users", "user_new", "tokens"])
def test_does_not_exist_for_others(name: str, client: Client) -> None:
    for other in (factories.recruiter(), factories.interviewer(), factories.manager()):
        client.force_login(other)
        assert client.get(reverse(name)).status_code == 404


def test_admin_pages_ask_for_a_fresh_sign_in(client: Client) -> None:
    client.force_login(with_password(factories.admin()))
    response = client.get(reverse("tokens"))
    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]


def test_users_page_costs_the_same_for_one_and_fifty(ada: User, client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("users")).status_code == 200
        return len(queries)

    client.get(reverse("users"))
    few = cost()
    for n in range(49):
        factories.user(f"User {n}")
    assert cost() == few


def test_making_a_password_link_is_in_the_ledger(ada: User, client: Client) -> None:
    dev = factories.interviewer("Dev Raman")
    assert client.post(reverse("user_link", args=[dev.pk])).status_code == 200
    event = Event.objects.get(verb="make_password_link")
    assert (event.by, event.object_id) == (ada, dev.pk)


def test_the_ledger_names_the_callers_network_not_the_proxys(
    ada: User, client: Client, settings: Any
) -> None:
    dev = factories.interviewer("Dev Raman")
    for proxies, network in ((0, "127.0.0.0/24"), (1, "203.0.113.0/24")):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
        client.post(reverse("user_link", args=[dev.pk]), headers={"X-Forwarded-For": "203.0.113.9"})
        assert Event.objects.filter(verb="make_password_link").first().address == network


def test_a_dead_mail_server_does_not_lose_the_link(
    ada: User, client: Client, monkeypatch: Any
) -> None:
    def dead(**_kwargs: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(actions, "mail_invitation", dead)
    facts = {"email": "dev@example.org", "name": "Dev Raman", "is_interviewer": "on"}
    response = client.post(reverse("user_new"), facts)
    assert response.status_code == 200
    assert "/accounts/password/reset/key/" in response.content.decode()
