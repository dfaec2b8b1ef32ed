"""Portfolio and design documents: links that are links, files that are what they say."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from lib.errors import Refused
from screening.actions import submissions as actions
from screening.models import Attachment
from screening.queries.portfolio import link_of
from screening.queries.work import work_of
from tests import factories
from tests.screening.candidate_world import op, work, working
from tests.screening.test_candidate_design import begun

pytestmark = pytest.mark.django_db


def picture(kind="PNG", size=(8, 6)):
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(
        made, kind, **({} if kind == "PNG" else {"comment": b"GPS"})
    )
    return made.getvalue()


@pytest.fixture
def kim():
    return working(version=factories.exercise_version("portfolio_review", ai_policy="none"))


def add(kim, name, content, number=1):
    _here, invitation, assignment = kim
    upload = SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())
    return actions.attach_piece(
        invitation=invitation, assignment=assignment, number=number, upload=upload
    )


def save(kim, *ops):
    _here, invitation, assignment = kim
    return actions.save_work(invitation=invitation, assignment=assignment, ops=list(ops))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScript://example.com/%0aalert(1)",
        "data:text/html,<script>",
        "//example.com",
        "ftp://example.com/a",
        "https://",
        "https://user:pw@example.com/",
        "https://bank.example@evil.example/",
        "https://exa mple.com/",
        "https://example.com\\@evil.example",
        "http://[::1",
        "https://example.com:99999999/",
        "https://localhost/",
        'https://example.com/"><script>',
        "https://example.com/" + "a" * 2_000,
    ],
)
def test_what_is_no_link_is_refused_in_words(kim, url):
    assert link_of(url) is None
    [answer] = save(kim, op("link:1", url))
    assert answer["status"] == "invalid"
    assert "https://" in answer["message"]


def test_a_link_names_the_host_it_really_leads_to():
    assert link_of("https://git.example/k/r?x=1#y").host == "git.example"
    assert link_of("https://\u0440\u0443.example/").host.startswith("xn--")


def test_statements_links_and_files_reach_the_panel_and_nothing_runs(kim):
    here, invitation, assignment = kim
    save(
        kim,
        op("link:1", "https://git.example/kim/router"),
        op("did:1", "<b>All of the parser</b>"),
        op("what:3", "A talk."),
    )
    row = add(kim, "notes.py", "print('hello')\n")
    add(kim, "slides.pdf", b"%PDF-1.7\n...", 3)
    assignment = actions.hand_in(invitation=invitation, assignment=assignment)
    card = factories.scorecard(assignment, here.chi)
    [tab] = [tab for tab in work_of(card).tabs if tab.id == "portfolio"]
    assert [piece.number for piece in tab.pieces] == [1, 3]
    browser = Client()
    browser.force_login(here.chi)
    page = browser.get(reverse("scorecard", args=[card.pk])).content.decode()
    assert 'rel="noopener noreferrer nofollow"' in page
    assert "leads to git.example" in page
    assert "&lt;b&gt;All of the parser" in page
    assert reverse("attachment", args=[row.pk]) in page
    answer = browser.get(reverse("attachment", args=[row.pk]))
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.html", "<p>", "ends in"),
        ("a.svg", "<svg/>", "ends in"),
        ("a.py.exe", "x", "ends in"),
        ("a.png", b"GIF89a", "no picture"),
        ("a.jpg", picture("PNG"), "no picture"),
        ("a.png", picture("JPEG"), "no picture"),
        ("a.png", picture()[:30], "no picture"),
        ("a.pdf", "<html>", "no PDF"),
        ("a.ipynb", "{", "no valid JSON"),
        ("a.py", b"\xff\xfe", "UTF-8"),
        ("a.go", "x" * (5 * 1024 * 1024 + 1), "5 MB"),
    ],
)
def test_a_file_is_what_its_name_says_or_is_refused(kim, name, content, says):
    with pytest.raises(Refused) as refused:
        add(kim, name, content)
    assert says in refused.value.message
    assert not Attachment.objects.exists()


def test_a_picture_is_drawn_anew(kim):
    given = picture("JPEG") + b"<script>trailing</script>"
    row = add(kim, "me.JPG", given)
    with row.file.open("rb") as file:
        kept = file.read()
    assert kept != given
    assert b"GPS" not in kept
    assert b"script" not in kept
    assert Image.open(io.BytesIO(kept)).size == (8, 6)


def test_a_picture_of_a_hundred_million_points_is_refused(kim):
    with pytest.raises(Refused):
        add(kim, "bomb.png", picture(size=(20_000, 5_000)))


def test_only_a_portfolio_takes_pieces_and_only_five():
    other = working()
    with pytest.raises(Refused, match="takes no files"):
        add(other, "a.py", "x")
    kim = working(version=factories.exercise_version("portfolio_review"))
    with pytest.raises(Refused, match="no such piece"):
        add(kim, "a.py", "x", 6)


def test_files_of_a_portfolio_are_no_transcript():
    kim = working(
        version=factories.exercise_version("portfolio_review", ai_policy="transcript_required")
    )
    add(kim, "a.md", "my notes")
    _here, invitation, assignment = kim
    with pytest.raises(Refused, match="conversation"):
        actions.hand_in(invitation=invitation, assignment=assignment)


def test_on_the_page_a_file_is_added_refused_in_words_and_removed_without_the_script():
    here = begun("portfolio_review")
    url = reverse("piece_add", args=[here.first, 2])
    wrong = here.browser.post(url, {"file": SimpleUploadedFile("a.exe", b"MZ")})
    assert wrong.status_code == 422
    assert "Use a file that ends in" in wrong.content.decode()
    assert here.browser.post(url).status_code == 422
    assert here.browser.post(url, {"file": SimpleUploadedFile("a.sql", b"x")}).status_code == 302
    here.browser.post(here.url, {"link:2": "https://a.example/", "what:2": "Mine", "base": "{}"})
    page = here.browser.get(here.url).content.decode()
    assert "a.sql" in page
    assert 'value="https://a.example/"' in page
    review = here.browser.get(reverse("hand_in_review", args=[here.first])).content.decode()
    assert "a.sql" in review
    assert "https://a.example/" in review
    row = Attachment.objects.get()
    assert row.purpose == "portfolio-2"
    here.browser.post(reverse("piece_remove", args=[here.first, 2, row.pk]))
    assert not Attachment.objects.exists()


def test_a_design_is_a_document_with_links():
    kim = working(version=factories.exercise_version("design_discussion", ai_policy="none"))
    here, invitation, assignment = kim
    answers = save(
        kim,
        op("document", "Queue between the two."),
        op("links", "https://draw.example/1\nhttps://draw.example/2\n"),
    )
    assert [one["status"] for one in answers] == ["ok", "ok"]
    assert save(kim, op("links", "see my drive", 1))[0]["status"] == "invalid"
    assert work(assignment).value("links").count("https://") == 2
    assignment = actions.hand_in(invitation=invitation, assignment=assignment)
    tabs = {tab.id: tab for tab in work_of(factories.scorecard(assignment, here.chi)).tabs}
    assert [link.host for link in tabs["portfolio"].links] == ["draw.example"] * 2
    assert "Queue between" in tabs["summary"].texts[0].text


def test_interview_questions_given_as_take_home_are_answered_in_words():
    questions = [{"ask": "Tell of an incident.", "listens_for": "KEY-CANARY"}]
    here = begun("structured_interview", questions=questions, ai_policy="none")
    page = here.browser.get(here.url).content.decode()
    assert "Tell of an incident." in page
    assert 'name="answer:1"' in page
    assert "KEY-CANARY" not in page
