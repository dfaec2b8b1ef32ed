"""Conversations with an AI: pasted, uploaded, stated as none; read by the panel as a download."""

import hashlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Event
from lib.errors import Refused
from screening.actions import candidate_files
from screening.actions import submissions as actions
from screening.actions.assignments import assign_interviewer, declare_conflict
from screening.models import Attachment
from tests import factories
from tests.screening.candidate_world import op, work, working, world

pytestmark = pytest.mark.django_db

TALK = "**You**: is a float fine?\n\n**AI**: Use Decimal.\n"


def upload(name="talk.md", content=TALK):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def begun():
    return working(version=factories.exercise_version(ai_policy="transcript_required"))


def attach(begun, *args):
    _here, invitation, assignment = begun
    return actions.attach_transcript(
        invitation=invitation, assignment=assignment, upload=upload(*args)
    )


def test_a_file_is_kept_under_a_random_name_outside_the_web_root(begun, settings):
    row = attach(begun, "../../etc/my talk.md")
    assert row.name == "my talk.md"
    assert row.sha256 == hashlib.sha256(TALK.encode()).hexdigest()
    assert row.size == len(TALK.encode())
    path = Path(row.file.path)
    assert path.is_relative_to(settings.MEDIA_ROOT)
    assert not path.is_relative_to(settings.STATIC_ROOT)
    assert "talk" not in path.name
    assert path.read_text() == TALK


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "plain"),
        ("a.MD", "upper case"),
        ("a.json", '{"turns": []}'),
        ("a.jsonl", '{"a": 1}\n\n{"a": 2}\n'),
        ("a.jsonl", '{"a": "U+2028 \u2028 ends no line"}\r\n{"a": "\x85"}\r\n'),
        ("a.txt", "\ufeffwith a mark".encode()),
        ("a.md", "<script>alert(1)</script>"),
    ],
)
def test_what_is_taken(begun, name, content):
    assert attach(begun, name, content).name == name


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.pdf", "x", "ends in"),
        ("a", "x", "ends in"),
        ("a.md.exe", "x", "ends in"),
        (".md", "x", "ends in"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\xff", "UTF-8"),
        ("a.txt", "latin é".encode("latin-1"), "UTF-8"),
        ("a.txt", "nul \0", "no text"),
        ("a.txt", "  \n", "empty"),
        ("a.json", '{"a": 1', "no valid JSON"),
        ("a.json", "[" * 200_000, "no valid JSON"),
        ("a.jsonl", '{"a": 1}\nnot json\n', "no valid JSON"),
        ("a.txt", "x" * (5 * 1024 * 1024 + 1), "5 MB"),
    ],
)
def test_what_is_refused_is_refused_in_words(begun, name, content, says):
    with pytest.raises(Refused) as refused:
        attach(begun, name, content)
    assert says in refused.value.message
    assert not Attachment.objects.exists()


def test_a_name_that_reads_backwards_is_shown_as_it_is(begun):
    assert attach(begun, "talk\u202egnp.md").name == "talk[U+202E]gnp.md"


def test_a_long_name_keeps_its_ending(begun):
    name = attach(begun, "x" * 300 + ".md").name
    assert (len(name), name[-3:]) == (120, ".md")


def test_the_same_bytes_twice_are_one_file(begun):
    assert attach(begun).pk == attach(begun, "again.md").pk
    assert Attachment.objects.count() == 1


def test_at_most_ten_files_and_twenty_megabytes(begun, monkeypatch):
    for number in range(10):
        attach(begun, f"{number}.txt", f"talk {number}")
    with pytest.raises(Refused, match="At most 10 files"):
        attach(begun, "11.txt", "one more")
    Attachment.objects.all().delete()
    monkeypatch.setattr(candidate_files, "MAX_TOTAL", 12)
    attach(begun, "1.txt", "1234567890")
    with pytest.raises(Refused, match="20 MB"):
        attach(begun, "2.txt", "1234")


def test_removed_again_while_working(begun, django_capture_on_commit_callbacks):
    _here, invitation, assignment = begun
    row = attach(begun)
    path = Path(row.file.path)
    for _twice in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            actions.remove_file(invitation=invitation, assignment=assignment, attachment=row.pk)
    assert not path.exists()
    assert not Attachment.objects.exists()


def test_nothing_is_added_or_removed_after_handing_in(begun):
    _here, invitation, assignment = begun
    row = attach(begun)
    actions.hand_in(invitation=invitation, assignment=assignment)
    with pytest.raises(Refused):
        attach(begun, "late.md", "late")
    with pytest.raises(Refused):
        actions.remove_file(invitation=invitation, assignment=assignment, attachment=row.pk)


def test_where_ai_is_not_allowed_there_is_no_file():
    begun = working(version=factories.exercise_version(ai_policy="none"))
    with pytest.raises(Refused, match="without AI"):
        attach(begun)


def test_text_is_kept_in_its_field(begun):
    _here, invitation, assignment = begun
    for words in ("first", "second"):
        actions.attach_transcript(invitation=invitation, assignment=assignment, text=words)
    assert work(assignment).value("transcript") == "second"
    with pytest.raises(Refused):
        actions.attach_transcript(invitation=invitation, assignment=assignment, text="nul \0")


# --- where one is required


def test_a_required_transcript_is_asked_for(begun):
    _here, invitation, assignment = begun
    with pytest.raises(Refused) as refused:
        actions.hand_in(invitation=invitation, assignment=assignment)
    assert refused.value.code == "transcript"
    assert work(assignment).sealed_at is None


@pytest.mark.parametrize("way", ["text", "file", "field", "statement"])
def test_each_way_to_tell_is_enough(begun, way):
    _here, invitation, assignment = begun
    own = {"invitation": invitation, "assignment": assignment}
    if way == "file":
        attach(begun)
    elif way == "text":
        actions.attach_transcript(**own, text=TALK)
    elif way == "field":
        actions.save_work(**own, ops=[op("ai_used", "none")])
    done = actions.hand_in(**own, no_ai=way == "statement")
    assert done.status == "handed_in"
    if way == "statement":
        assert work(assignment).value("ai_used") == "none"


def test_on_the_page(begun):
    here, _invitation, _assignment = begun
    browser, arg = Client(), [here.first]
    browser.post(reverse("link", args=[here.secret]))
    url = reverse("transcript_add", args=arg)
    refused = browser.post(url, {"file": upload("a.png", "x")})
    assert refused.status_code == 422
    assert "ends in .md" in refused.content.decode()
    assert browser.post(url).status_code == 422
    assert browser.post(url, {"file": upload("<b>talk.md")}).status_code == 302
    page = browser.get(reverse("workspace", args=arg)).content.decode()
    assert "&lt;b&gt;talk.md" in page
    assert "<b>talk.md" not in page
    row = Attachment.objects.get()
    browser.post(reverse("transcript_remove", args=[here.first, row.pk]))
    assert not Attachment.objects.exists()
    review = browser.get(reverse("hand_in_review", args=arg))
    assert "I used no AI" in review.content.decode()
    seen = {"seen": review.context["seen"]}
    assert browser.post(reverse("hand_in", args=arg), seen).status_code == 422
    done = browser.post(reverse("hand_in", args=arg), seen | {"no_ai": "1"})
    assert "used no AI" in browser.get(done.url).content.decode()


def test_the_other_candidate_can_neither_add_nor_remove(begun):
    row = attach(begun)
    here, there = begun[0], world()
    browser = Client()
    browser.post(reverse("link", args=[there.secret]))
    browser.post(reverse("consent"), {"agree": "yes"})
    url = reverse("transcript_add", args=[here.first])
    assert browser.post(url, {"file": upload()}).status_code == 404
    url = reverse("transcript_remove", args=[here.first, row.pk])
    assert browser.post(url).status_code == 404
    assert Attachment.objects.count() == 1


# --- the panel's download


@pytest.fixture
def read(begun):
    """An attachment of handed-in work, and its address."""
    here, invitation, assignment = begun
    row = attach(begun, "talk <b>.md", "<script>alert(1)</script>")
    url = reverse("attachment", args=[row.pk])
    return here, invitation, assignment, url


def status_for(user, url):
    browser = Client()
    browser.force_login(user)
    return browser.get(url).status_code


def test_a_file_is_saved_and_never_shown(read, client):
    here, invitation, assignment, url = read
    actions.hand_in(invitation=invitation, assignment=assignment)
    assign_interviewer(by=here.alice, assignment=assignment, interviewer=here.chi)
    client.force_login(here.chi)
    response = client.get(url)
    assert response.content == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_who_may_read_it_and_when(read, client):
    here, invitation, assignment, url = read
    assign_interviewer(by=here.alice, assignment=assignment, interviewer=here.chi)
    dev, boris = factories.interviewer("Dev Off"), factories.recruiter("Boris Other")
    ada = factories.admin()
    assert status_for(here.chi, url) == 404  # not handed in yet
    actions.hand_in(invitation=invitation, assignment=assignment)
    assert client.get(url).status_code == 302
    assert [status_for(user, url) for user in (here.chi, here.alice, ada)] == [200, 200, 200]
    assert [status_for(user, url) for user in (dev, boris)] == [404, 404]
    assert Event.objects.get(verb="read_submission", is_read=True).by == ada
    declare_conflict(by=here.chi, application=here.application, reason="a friend")
    assert status_for(here.chi, url) == 404


def test_a_candidate_reads_nothing_by_that_address(read, client):
    here, invitation, assignment, url = read
    actions.hand_in(invitation=invitation, assignment=assignment)
    client.post(reverse("link", args=[here.secret]))
    assert client.get(url).status_code == 302


def test_a_body_over_the_limit_is_refused_before_it_is_read():
    class Unread:
        """Stands for a client that would send for hours."""

        def read(self, *_args):
            raise AssertionError("the body was read")

        readline = read

    here = world()
    browser = Client(enforce_csrf_checks=True)
    for name, args in (
        ("link", [here.secret]),
        ("transcript_add", [here.first]),
        ("work_save", [here.first]),
    ):
        answer = browser.generic(
            "POST",
            reverse(name, args=args),
            content_type="multipart/form-data; boundary=x",
            **{"CONTENT_LENGTH": str(10**9), "wsgi.input": Unread()},
        )
        assert answer.status_code == 413
        assert "5 MB" in answer.content.decode()
