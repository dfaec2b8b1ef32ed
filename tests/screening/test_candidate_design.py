"""A design in SQL: drawn while it is typed, never executed, kept to whoever writes it."""

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from screening.models import Submission
from tests import factories
from tests.screening.candidate_world import op, world

pytestmark = pytest.mark.django_db

SQL = """CREATE TABLE rooms (id bigint PRIMARY KEY);
CREATE TABLE bookings (
  id bigint PRIMARY KEY,
  room_id bigint NOT NULL REFERENCES rooms
);
"""
BROKEN = "CREATE TABLE rooms (id bigint PRIMARY KEY);\nCREATE TABLE x (\n  a int NOT NUL\n);"
HOSTILE = 'CREATE TABLE "<script>alert(1)</script>\u202e" (id int, "a</text><script>" text);'


def begun(kind="data_model", **fields):
    here = world(version=factories.exercise_version(kind, **fields))
    browser = Client()
    browser.post(reverse("link", args=[here.secret]))
    browser.post(reverse("consent"), {"agree": "yes"})
    browser.post(reverse("work_start", args=[here.first]))
    return SimpleNamespace(
        **vars(here), browser=browser, url=reverse("workspace", args=[here.first])
    )


def drawn(here, sql, browser=None):
    return (browser or here.browser).post(reverse("work_erd", args=[here.first]), {"ddl": sql})


def test_the_diagram_follows_the_text_and_nothing_is_kept():
    here = begun()
    page = drawn(here, SQL).content.decode()
    assert "data-whole" in page
    assert 'data-words="2 tables, 1 relationship"' in page
    assert "bookings (room_id) → rooms (id)" in page
    assert Submission.objects.get(assignment=here.first).fields == {}


def test_a_mistake_is_told_with_its_line_and_what_can_be_read_is_drawn():
    page = drawn(begun(), BROKEN).content.decode()
    assert "data-whole" not in page
    assert 'data-line="3"' in page
    assert "Line 3: " in page
    assert 'data-words="1 table, 0 relationships"' in page


def test_hostile_names_are_inert_in_the_diagram_and_as_text():
    page = drawn(begun(), HOSTILE).content.decode()
    assert "<script" not in page
    assert "\u202e" not in page
    assert "[U+202E]" in page


@pytest.mark.parametrize("sql", ["x" * 60_001, "(" * 5_000, "'", "\0", "CREATE TABLE"])
def test_whatever_is_sent_is_answered(sql):
    assert drawn(begun(), sql).status_code == 200


def test_facts_about_the_schema_are_not_for_the_candidate():
    page = drawn(begun(), "CREATE TABLE wallets (amount float);").content.decode()
    assert "wallets" in page
    assert "primary key" not in page.lower().replace("as text", "")
    assert "money" not in page


def test_without_the_script_the_diagram_comes_with_the_saved_page_the_review_and_the_receipt():
    here = begun()
    here.browser.post(here.url, {"ddl": SQL, "base": "{}"})
    for name in ("workspace", "hand_in_review"):
        page = here.browser.get(reverse(name, args=[here.first])).content.decode()
        assert 'data-testid="erd"' in page
        assert 'class="erd-name"' in page
    seen = here.browser.get(reverse("hand_in_review", args=[here.first])).context["seen"]
    here.browser.post(reverse("hand_in", args=[here.first]), {"seen": seen})
    receipt = here.browser.get(reverse("receipt", args=[here.first])).content.decode()
    assert 'class="erd-name"' in receipt


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("endpoint_critique", {}),
        ("ai_assisted", {}),
        ("design_discussion", {}),
        ("data_model", {"language": "json"}),
    ],
)
def test_only_designs_in_sql_are_drawn(kind, fields):
    here = begun(kind, **fields)
    assert drawn(here, SQL).status_code == 404
    assert "<ddl-editor" not in here.browser.get(here.url).content.decode()


def test_nobody_else_gets_a_diagram_of_it():
    here = begun()
    assert drawn(here, SQL, Client()).status_code == 404
    other = begun()
    assert drawn(here, SQL, other.browser).status_code == 404
    seen = here.browser.get(reverse("hand_in_review", args=[here.first])).context["seen"]
    here.browser.post(reverse("hand_in", args=[here.first]), {"seen": seen})
    assert drawn(here, SQL).status_code == 404


def test_an_erroneous_schema_is_saved_as_it_is():
    here = begun()
    sent = here.browser.post(
        reverse("work_save", args=[here.first]),
        {"ops": [op("ddl", BROKEN)]},
        content_type="application/json",
    )
    assert sent.json()["answers"][0]["status"] == "ok"
    page = here.browser.get(here.url).content.decode()
    assert "NOT NUL" in page
    assert "Line 3: " in page
