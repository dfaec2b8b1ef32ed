"""A candidate of ill will, field by field, on every page that shows what they wrote."""

import json
import re
import uuid
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import data, pdf
from screening.actions import submissions as actions
from screening.actions.scorecards import save_scorecard, submit_scorecard
from screening.models import Assignment, Attachment, Scorecard, Submission
from screening.queries import transcripts
from tests import factories
from tests.hostile import (
    CALCULATED,
    CALCULATION,
    EVERY,
    LINE,
    STRINGS,
    UNFIT,
    assert_inert,
)
from tests.screening.candidate_world import comment, op, world
from tests.screening.scorecard_steps import op as card_op

pytestmark = pytest.mark.django_db
KINDS = {
    "endpoint_critique": ["overall"],
    "data_model": ["ddl", "decisions", "answer:1"],
    "ai_assisted": ["ddl", "decisions", "answer:1"],
    "design_discussion": ["document", "ddl", "decisions"],
    "portfolio_review": ["what:1", "did:1", "otherwise:1"],
    "structured_interview": ["answer:1"],
}


def begun(kind):
    asks = [] if kind in {"endpoint_critique", "portfolio_review"} else [{"ask": "Why?"}]
    version = factories.exercise_version(kind, questions=asks)
    here = world(version=version, stages=1)
    browser = Client()
    browser.post(reverse("link", args=[here.secret]))
    browser.post(reverse("consent"), {"agree": "yes"})
    browser.post(reverse("work_start", args=[here.first]))
    return SimpleNamespace(**vars(here), browser=browser, arg=[here.first])


def send(here, *ops):
    answer = here.browser.post(
        reverse("work_save", args=here.arg), {"ops": list(ops)}, content_type="application/json"
    )
    assert answer.status_code == 200
    return [one["status"] for one in answer.json()["answers"]]


def shown(here, name, **query):
    answer = here.browser.get(reverse(name, args=here.arg), query)
    assert answer.status_code == 200, name
    return assert_inert(answer.content.decode(), name)


def sessions(text):
    """The same words in each shape of transcript that is recognised, and in one that is not."""
    pair = [{"role": "user", "content": text}, {"role": "assistant", "content": text}]
    node = {"author": {"role": "assistant"}, "content": {"parts": [text]}}
    return {
        "claude_code": "\n".join(
            json.dumps({"type": one["role"], "sessionId": text, "message": one}) for one in pair
        ),
        "claude": json.dumps(
            [{"name": text, "chat_messages": [{"sender": "assistant", "text": text}]}]
        ),
        "chatgpt": json.dumps(
            [{"title": text, "mapping": {"a": {"parent": None, "message": node}}}]
        ),
        "messages": json.dumps(pair),
        "named": f"You: {text}\n\nAI: {text}",
        "raw": text,
    }


def judged(here):
    """Handed in; Chi's scorecard with the same strings in every field of it."""
    review = here.browser.get(reverse("hand_in_review", args=here.arg))
    assert_inert(review.content.decode(), "review")
    done = here.browser.post(
        reverse("hand_in", args=here.arg), {"seen": review.context["seen"], "no_ai": "1"}
    )
    assert done.status_code == 302
    shown(here, "receipt")
    return factories.scorecard(Assignment.objects.get(pk=here.first), here.chi)


def write(card, **more):
    names = ["summary", *(f"evidence:{key}" for key in card.assignment.criteria)]
    ops = [card_op(name, EVERY) for name in names]
    ops += [card_op(f"point:{key}", "3") for key in card.assignment.criteria]
    ops += [
        card_op(f"quotes:{key}", [{"anchor": LINE[:80], "text": LINE[:400]}])
        for key in card.assignment.criteria
    ]
    ops += [card_op(name, value) for name, value in more.items()]
    answers = save_scorecard(
        by=card.interviewer, scorecard=card, ops=[*ops, card_op("recommendation", "yes")]
    )
    assert {one["status"] for one in answers} == {"ok"}, answers


def panel_reads(here, card, **fields):
    """Draft, summary, what is submitted, debrief and PDF; the pages of the draft."""
    write(card, **fields)
    browser = Client()
    browser.force_login(here.chi)

    def read(name, *args):
        answer = browser.get(reverse(name, args=args))
        assert answer.status_code == 200, name
        return assert_inert(answer.content.decode(), name)

    draft = read("scorecard", card.pk)
    read("scorecard_submit", card.pk)
    card.refresh_from_db()
    submit_scorecard(by=here.chi, scorecard=card)
    read("scorecard", card.pk)
    read("inbox")
    read("debrief", here.application.pk)
    browser.force_login(here.alice)
    read("application", here.application.pk)
    read("board", here.loop.pk)
    [report] = data.build(
        [here.application],
        by=here.alice,
        at=timezone.now(),
        preset="hiring_manager",
        codes_instead_of_names=True,
        paper="A4",
    ).values()
    printed = pdf.markup(report)
    assert "<script" not in printed
    assert "<img" not in printed
    assert CALCULATED not in printed
    return draft


@pytest.mark.parametrize("kind", KINDS)
def test_every_text_of_every_kind_is_inert_for_candidate_panel_and_paper(kind):
    here = begun(kind)
    assert set(send(here, *(op(name, EVERY) for name in KINDS[kind]))) == {"ok"}
    # The text of another window, kept beside it.
    assert send(here, *(op(name, LINE, 0, resolve=True) for name in KINDS[kind]))
    shown(here, "workspace")
    assert CALCULATION in here.browser.get(reverse("workspace", args=here.arg)).text
    draft = panel_reads(here, judged(here))
    assert "{% debug %}" in draft


def test_comments_and_what_is_made_of_them_are_inert():
    here = begun("endpoint_critique")
    ids = [str(uuid.uuid4()) for _ in STRINGS]
    ops = [op(f"comment:{key}", comment(text)) for key, text in zip(ids, STRINGS, strict=True)]
    assert set(send(here, *ops)) == {"ok"}
    shown(here, "workspace")
    shown(here, "workspace", edit=ids[0])
    version = here.loop.stages.get().exercise_version
    version.probes = [{"about": "no-auth", "ask": [LINE], "listens_for": EVERY}]
    version.answers = {"senior": {"strong": EVERY}}
    version.save()
    version.flaws.update(title=LINE[:115], harm=EVERY, found_when=EVERY)
    page = panel_reads(
        here,
        judged(here),
        **{
            "flaw:no-auth": "found",
            "catch:no-auth": [ids[0], "explained"],
            f"alarm:{ids[1]}": "clean",
            "probe:1": EVERY,
        },
    )
    assert page.count('class="thread"') == len(STRINGS)
    # Words that turn the direction stay within their comment.
    assert 'class="thread" id="comment-' in page
    assert page.count('tabindex="-1" dir="auto"><div class="thread-head">') == len(STRINGS)


@pytest.mark.parametrize("shape", sessions(""))
def test_a_conversation_of_any_shape_is_inert_as_text_and_as_file(shape):
    here = begun("endpoint_critique")
    text = sessions(EVERY)[shape]
    assert transcripts.read(text).shape == shape
    assert send(here, op("transcript", text)) == ["ok"]
    key = transcripts.turns(text)[-1].key
    assert set(send(here, op(f"why:{key}", LINE[:900]), op(f"moment:{key}", LINE[:900]))) == {"ok"}
    upload = SimpleUploadedFile(f"{LINE[:40]}.txt".replace("/", "_"), text.encode())
    added = here.browser.post(reverse("transcript_add", args=here.arg), {"file": upload})
    assert added.status_code == 302
    shown(here, "workspace")
    pasted = here.browser.post(
        reverse("transcript_turns", args=here.arg), {"transcript": sessions(EVERY)[shape] + " "}
    )
    assert_inert(pasted.content.decode(), "turns")
    page = panel_reads(here, judged(here))
    for words in re.findall(r'(?s)<div class="turn-text".*?</div>', page):
        assert "\u202e" not in words


def test_a_schema_of_ill_will_is_drawn_as_words():
    here = begun("data_model")
    names = [text.replace('"', '""').replace("\n", " ")[:50] for text in STRINGS]
    sql = "".join(
        f'CREATE TABLE "{n} {name}" ("{name}" int, "x{n}" "{name}" REFERENCES "{n} {name}");\n'
        f"SELECT '{n}'; {name[:12]}\n;"
        for n, name in enumerate(names)
    )
    page = here.browser.post(reverse("work_erd", args=here.arg), {"ddl": sql}).content.decode()
    assert_inert(page, "erd")
    assert page.count("<svg") == page.count("</svg>")
    assert "\u202e" not in page
    assert send(here, op("ddl", sql)) == ["ok"]
    shown(here, "workspace")
    panel_reads(here, judged(here))
    assert_inert(
        here.browser.post(reverse("work_erd", args=here.arg), {"ddl": "a\0b"}).content.decode()
    )


def test_links_lead_where_they_say_or_nowhere():
    here = begun("design_discussion")
    for url in [*STRINGS, "https://ok.example/\u202egpj.exe", "https://ok.example/\u200b"]:
        assert send(here, op("links", url)) == ["invalid"], url
    quoted = "https://ok.example/?a='onx='&b={{7}}&=1+1"
    assert send(here, op("links", quoted)) == ["ok"]
    # What an earlier release may have stored is words, and no address.
    row = Submission.objects.get(assignment=here.first)
    row.fields["links"]["v"] = f"{quoted}\njavascript:alert(1)\nhttps://ok.example/\u202egpj"
    row.save()
    shown(here, "workspace")
    page = panel_reads(here, judged(here))
    assert page.count('data-testid="outside-link"') == 1


def test_file_names_of_ill_will_are_words():
    here = begun("portfolio_review")
    for number, text in enumerate(STRINGS[:5], 1):
        name = f"{text.replace('/', '_')}.md"
        upload = SimpleUploadedFile(name, f"{number} words".encode())
        url = reverse("piece_add", args=[here.first, number])
        assert here.browser.post(url, {"file": upload}).status_code == 302
    shown(here, "workspace")
    names = set(Attachment.objects.values_list("name", flat=True))
    assert not any("\u202e" in name for name in names)
    panel_reads(here, judged(here))
    browser = Client()
    browser.force_login(here.chi)
    for row in Attachment.objects.all():
        answer = browser.get(reverse("attachment", args=[row.pk]))
        header = answer["Content-Disposition"]
        assert header.startswith("attachment;")
        assert "\n" not in header
        assert answer["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", UNFIT, ids=["nul", "half", "megabyte"])
def test_what_cannot_be_kept_is_refused_in_words_and_nothing_breaks(kind, bad):
    here = begun(kind)
    names = [*KINDS[kind], "transcript", "why:0123456789abcdef", "moment:0123456789abcdef"]
    ops = [op(name, bad) for name in names]
    if kind == "endpoint_critique":
        ops.append(op(f"comment:{uuid.uuid4()}", comment(bad)))
    answer = here.browser.post(
        reverse("work_save", args=here.arg), {"ops": ops}, content_type="application/json"
    )
    if answer.status_code == 200:
        for one in answer.json()["answers"]:
            assert one["status"] == "invalid", one
            assert one["message"].endswith(".")
    else:
        assert answer.status_code == 413
    assert Submission.objects.get(assignment=here.first).fields == {}
    if "\ud800" not in bad:
        typed = dict.fromkeys(KINDS[kind], bad) | {"base": "{}"}
        refused = here.browser.post(reverse("workspace", args=here.arg), typed)
        assert refused.status_code in {413, 422}
        for name, field in (("work_erd", "ddl"), ("transcript_turns", "transcript")):
            made = here.browser.post(reverse(name, args=here.arg), {field: bad})
            assert made.status_code in {200, 404, 413}


def test_the_warm_up_is_as_inert_as_the_work():
    here = begun("endpoint_critique")
    place = {"file": "coffee.py", "start": 8, "end": 8}
    ops = [op(f"comment:{uuid.uuid4()}", comment(text, **place)) for text in (EVERY, LINE)]
    answer = here.browser.post(
        reverse("warmup_save"), {"ops": ops}, content_type="application/json"
    )
    assert {one["status"] for one in answer.json()["answers"]} == {"ok"}
    page = here.browser.get(reverse("warmup")).content.decode()
    assert_inert(page, "warmup")
    assert "=HYPERLINK" in page
    for bad in UNFIT[:2]:
        refused = here.browser.post(
            reverse("warmup_save"),
            {"ops": [op(f"comment:{uuid.uuid4()}", comment(bad, **place))]},
            content_type="application/json",
        )
        assert refused.json()["answers"][0]["status"] == "invalid"


@pytest.mark.parametrize("bad", UNFIT[:2], ids=["nul", "half"])
def test_notes_of_an_interviewer_that_cannot_be_kept_are_refused_in_words(bad):
    here = begun("endpoint_critique")
    version = here.loop.stages.get().exercise_version
    version.probes = [{"about": "", "ask": ["Why?"], "listens_for": ""}]
    version.save()
    actions.save_work(
        invitation=here.application.invitation,
        assignment=Assignment.objects.get(pk=here.first),
        ops=[],
    )
    card = judged(here)
    browser = Client()
    browser.force_login(here.chi)
    names = ["probe:1", "summary", "evidence:c1", "alarm:x", "catch:no-auth", "flaw:no-auth"]
    answer = browser.post(
        reverse("scorecard_save", args=[card.pk]),
        {"ops": [card_op(name, bad) for name in names]},
        content_type="application/json",
    )
    assert {one["status"] for one in answer.json()["answers"]} == {"invalid"}
    assert Scorecard.objects.get(pk=card.pk).fields == {}
