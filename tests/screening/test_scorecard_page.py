import json
import uuid
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from screening.actions.scorecards import save_scorecard
from screening.models import Amendment, Assignment, Attachment, Conflict, Mode, Scorecard, Stage
from tests import factories
from tests.screening.scorecard_steps import fill, op, submitted

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def assignment(stage):
    application = factories.application(stage.loop.job, name="Kimberley Namecanary")
    made = factories.assignment(application, stage)
    comment = {"file": "view.py", "start": 3, "end": 4, "severity": "critical"}
    made.submission.fields = {
        f"comment:{uuid.uuid4()}": entry(comment | {"category": "security", "text": "No check."}),
        "comment:elsewhere": entry(
            {"file": "view.py", "start": 90, "end": 99, "severity": "minor", "text": "Beyond."}
        ),
        "overall": entry("Do not merge <script>alert(1)</script>."),
        "ddl": entry("CREATE TABLE a (id bigint);"),
        "transcript": entry("Is this safe?"),
    }
    made.submission.save()
    return made


def entry(value):
    return {"v": value, "rev": 1, "op": "o", "at": "2026-11-20T10:00:00+00:00", "by": "candidate"}


@pytest.fixture
def others(assignment, dev):
    """A colleague's submitted scorecard, full of what nobody may learn yet."""
    made = factories.scorecard(assignment, dev)
    ops = [op("summary", "CANARY-SUMMARY"), op("flaw:no-auth", "found")]
    ops.append(op("evidence:c2", "CANARY-EVIDENCE"))
    ops.append(op("quotes:c1", [{"anchor": "L1", "text": "CANARY-QUOTE"}]))
    save_scorecard(by=dev, scorecard=made, ops=ops)
    return submitted(made, points=("4", "4", "1"), recommendation="strong_no")


def url(card, name="scorecard"):
    return reverse(name, args=[card.pk])


def text(response):
    return response.content.decode()


def test_the_draft_shows_work_key_anchors_and_bar(as_chi, card):
    response = as_chi.get(url(card))
    html = text(response)
    assert response.status_code == 200
    assert card.assignment.application.code in html
    assert 'data-testid="thread-4"' in html
    assert "No check." in html
    assert "Beyond." in html
    assert "KEY-CANARY nobody is authenticated" in html
    assert html.count('data-testid="criterion-') == 3
    assert html.count('data-testid="point-') == 15
    assert "Anchor 2.3" in html
    assert 'data-bar="3"' in html
    assert "weight 17 %" in html
    assert "Blind until you submit" in html


def test_hostile_text_is_inert(as_chi, card):
    html = text(as_chi.get(url(card)))
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_the_name_never_shows(as_chi, card):
    submitted(card)
    for page in (as_chi.get(url(card)), as_chi.get(reverse("inbox") + "?finished=1")):
        assert "Kimberley" not in text(page)
        assert "Namecanary" not in text(page)


@pytest.mark.parametrize("name", ["scorecard", "scorecard_submit", "scorecard_decline"])
def test_before_submission_nothing_of_others_is_in_any_answer(as_chi, card, others, name):
    for headers in ({}, HTMX):
        response = as_chi.get(url(card, name), headers=headers)
        assert response.status_code == 200
        assert "CANARY-" not in text(response).replace("KEY-CANARY", "")
        assert "Dev" not in text(response)


def test_the_page_is_the_same_whether_or_not_another_has_submitted(as_chi, card, dev):
    """Two worlds that differ only in what the author may not know give the same page."""
    other = factories.scorecard(card.assignment, dev)
    before = as_chi.get(url(card))
    submitted(other, points=("4", "4", "1"), recommendation="strong_no")
    after = as_chi.get(url(card))
    token = before.context["csrf_token"]
    assert text(before).replace(str(token), "") == text(after).replace(
        str(after.context["csrf_token"]), ""
    )


def test_after_submission_only_ones_own_is_here(as_chi, card, others):
    submitted(card)
    html = text(as_chi.get(url(card)))
    assert "Your recommendation: Yes" in html
    assert "Named the race." in html
    assert "CANARY-" not in html.replace("KEY-CANARY", "")


@pytest.mark.parametrize("make", [factories.recruiter, factories.manager, factories.admin])
@pytest.mark.parametrize(
    "name", ["scorecard", "scorecard_submit", "scorecard_decline", "scorecard_save"]
)
def test_a_draft_exists_for_its_author_only(client, card, make, name):
    client.force_login(make())
    assert client.post(url(card, name)).status_code == 404
    assert client.get(url(card, name)).status_code in {404, 405}


def test_the_team_does_not_see_a_draft_either(client, card, dev, stage):
    alice = factories.recruiter()
    stage.loop.job.team.create(user=alice, role="recruiter")
    for user in (alice, dev):
        client.force_login(user)
        assert client.get(url(card)).status_code == 404


def test_declined_and_conflicting_ones_do_not_exist(as_chi, card, chi):
    conflict = Conflict.objects.create(
        application=card.assignment.application, user=chi, reason="Cousins"
    )
    assert as_chi.get(url(card)).status_code == 404
    conflict.delete()
    Scorecard.objects.update(status="declined")
    assert as_chi.get(url(card)).status_code == 404


def test_before_hand_in_one_can_prepare_but_not_score(as_chi, card, assignment):
    Assignment.objects.update(status="working", handed_in_at=None)
    html = text(as_chi.get(url(card)))
    assert "has not handed in yet" in html
    assert "No check." not in html
    assert "KEY-CANARY" in html
    assert "Review and submit" not in html
    assert "disabled" in html


def test_a_conversation_works_from_notes(as_chi, stage, chi):
    live = Stage.objects.create(
        loop=stage.loop, position=2, title="A past decision", mode=Mode.LIVE, minutes=45,
        criteria=["c1", "c2"],
    )  # fmt: skip
    application = factories.application(stage.loop.job)
    made = factories.assignment(application, live, status="planned", handed_in_at=None)
    card = factories.scorecard(made, chi)
    html = text(as_chi.get(url(card)))
    assert "A past decision" in html
    assert "Score it from your notes" in html
    assert "answer-key" not in html
    done = submitted(card, points=("3", "2"))
    assert as_chi.get(url(done)).status_code == 200


def test_an_interview_shows_its_questions(as_chi, card):
    version = card.assignment.exercise_version
    version.questions = [
        {"id": "q", "ask": "Tell me of a migration.", "listens_for": "A way back.",
         "follow_ups": ["And then?"], "red_flags": ["Blames others."]}
    ]  # fmt: skip
    version.save()
    html = text(as_chi.get(url(card)))
    for words in ("Tell me of a migration.", "A way back.", "And then?", "Blames others."):
        assert words in html


def test_the_summary_lists_what_is_missing_and_what_has_no_evidence(as_chi, card, chi):
    save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "3"), op("point:c2", "2")])
    html = text(as_chi.get(url(card, "scorecard_submit")))
    assert 'data-missing="point:c3"' in html
    assert 'data-missing="recommendation"' in html
    assert 'data-bare="evidence:c1"' in html
    assert 'data-bare="evidence:c2"' not in html
    assert "submit-confirm" not in html


def test_the_summary_warns_of_an_abstention(as_chi, card):
    fill(card, recommendation="no_decision")
    assert "This is an abstention" in text(as_chi.get(url(card, "scorecard_submit")))


def test_an_incomplete_one_is_refused_with_the_list(as_chi, card):
    response = as_chi.post(url(card, "scorecard_submit"))
    assert response.status_code == 422
    assert 'data-missing="recommendation"' in text(response)
    assert Scorecard.objects.get(pk=card.pk).status == "draft"


def revisions(card):
    return json.dumps({name: entry["rev"] for name, entry in card.fields.items()})


def test_submitting_leads_to_the_read_view(as_chi, card):
    fill(card)
    response = as_chi.post(url(card, "scorecard_submit"), {"revisions": revisions(card)})
    assert response.status_code == 302
    assert response["Location"] == url(card)
    assert Scorecard.objects.get(pk=card.pk).status == "submitted"
    assert as_chi.get(url(card, "scorecard_submit")).status_code == 302


def test_what_moved_in_another_tab_is_not_submitted_unseen(as_chi, card, chi):
    looked = revisions(fill(card))
    save_scorecard(by=chi, scorecard=card, ops=[op("point:c1", "1", 1)])
    response = as_chi.post(url(card, "scorecard_submit"), {"revisions": looked})
    assert response.status_code == 422
    assert "another window" in text(response)


def test_without_javascript_the_whole_form_saves_and_leads_to_the_summary(as_chi, card):
    data = {"point:c1": "3", "evidence:c1": "a\r\nb", "recommendation": "no", "revisions": "{}"}
    response = as_chi.post(url(card), data)
    card.refresh_from_db()
    assert response["Location"] == url(card, "scorecard_submit")
    assert card.value("evidence:c1") == "a\nb"
    kept = as_chi.post(url(card), {"summary": "Later.", "keep": "1", "revisions": revisions(card)})
    assert kept["Location"] == url(card)
    assert as_chi.post(url(card), data | {"revisions": revisions(card)}).status_code == 302
    card.refresh_from_db()
    assert card.fields["point:c1"]["rev"] == 1


def test_without_javascript_a_conflict_shows_both_texts(as_chi, card, chi):
    save_scorecard(by=chi, scorecard=card, ops=[op("evidence:c1", "THEIRS")])
    response = as_chi.post(url(card), {"evidence:c1": "MINE", "revisions": "{}"})
    assert response.status_code == 422
    assert "MINE" in text(response)
    assert "THEIRS" in text(response)
    card.refresh_from_db()
    assert card.value("evidence:c1") == "THEIRS"


def test_htmx_gets_the_dialog_alone(as_chi, card):
    response = as_chi.post(url(card), {"revisions": "{}"}, headers=HTMX)
    assert response.status_code == 200
    assert text(response).strip().startswith("<dialog")
    assert "<html" not in text(response)


def test_a_form_after_submission_changes_nothing(as_chi, card):
    submitted(card)
    assert as_chi.post(url(card), {"point:c1": "1", "revisions": "{}"}).status_code == 302
    assert Scorecard.objects.get(pk=card.pk).ratings.first().point == 3


def amend_url(rating):
    return reverse("scorecard_amend", args=[rating.scorecard_id, rating.pk])


def test_amending_with_a_reason_keeps_both(as_chi, card):
    rating = submitted(card).ratings.first()
    data = {"point": "0", "evidence": "Never came up.", "reason": "Mixed up two candidates."}
    assert as_chi.post(amend_url(rating), data).status_code == 302
    html = text(as_chi.get(url(card)))
    assert "3 → –" in html
    assert "Mixed up two candidates." in html
    assert "Before: Named the race." in html


def test_amending_without_a_reason_says_so_at_the_field(as_chi, card):
    rating = submitted(card).ratings.first()
    response = as_chi.post(amend_url(rating), {"point": "4", "evidence": "kept text"})
    assert response.status_code == 422
    assert "kept text" in text(response)
    assert not Amendment.objects.exists()


def test_nobody_amends_anothers_rating(client, card, dev, others):
    rating = submitted(card).ratings.first()
    client.force_login(dev)
    data = {"point": "1", "reason": "Mine now."}
    assert client.post(amend_url(rating), data).status_code == 404
    theirs = reverse("scorecard_amend", args=[others.pk, rating.pk])
    assert client.post(theirs, data).status_code == 404


def test_declining_leads_back_to_the_inbox(as_chi, card):
    assert as_chi.post(url(card, "scorecard_decline")).status_code == 422
    response = as_chi.post(url(card, "scorecard_decline"), {"reason": "We are cousins."})
    assert response["Location"] == reverse("inbox")
    assert as_chi.get(url(card)).status_code == 404


def test_the_comparison_opens_when_all_are_in(as_chi, card, dev):
    other = factories.scorecard(card.assignment, dev)
    Scorecard.objects.filter(pk=other.pk).update(due_at=timezone.now() + timedelta(days=1))
    submitted(card, points=("3", "2", "3"))
    assert as_chi.get(url(card)).context["is_debrief_open"] is False
    submitted(other)
    assert as_chi.get(url(card)).context["is_debrief_open"] is True


def test_an_abstention_opens_nothing(as_chi, card, others):
    submitted(card, recommendation="no_decision")
    response = as_chi.get(url(card))
    assert response.context["may_compare"] is False
    assert "stay closed to you" in text(response)


def test_the_next_one_is_offered(as_chi, card, stage, chi):
    following = factories.scorecard(
        factories.assignment(factories.application(stage.loop.job), stage), chi
    )
    submitted(card)
    assert url(following) in text(as_chi.get(url(card)))


def test_a_scorecard_costs_few_queries_however_much_is_in_it(
    as_chi, card, assignment, django_assert_max_num_queries
):
    with django_assert_max_num_queries(15) as small:
        as_chi.get(url(card))
    one = len(small)
    for n in range(50):
        comment = {"file": "view.py", "start": 1, "end": 1, "severity": "minor", "text": str(n)}
        assignment.submission.fields[f"comment:{uuid.uuid4()}"] = entry(comment)
    assignment.submission.save()
    factories.scorecard(assignment, factories.interviewer("Eve Okoro"))
    with django_assert_max_num_queries(one):
        as_chi.get(url(card))


def test_the_read_view_costs_few_queries(as_chi, card, django_assert_max_num_queries):
    submitted(card)
    with django_assert_max_num_queries(18):
        as_chi.get(url(card))


def test_a_long_file_stays_within_the_nodes(as_chi, card):
    version = card.assignment.exercise_version
    code = "\n".join(f"value_{n} = call({n}, 'x', y={n})  # note" for n in range(600))
    version.artefacts = [{"path": "view.py", "text": code}]
    version.save()
    assert text(as_chi.get(url(card))).count("<") / 2 < 3000


def test_a_schema_is_drawn_and_its_facts_are_hints_at_their_lines(as_chi, card, assignment):
    assignment.submission.fields["ddl"] = entry(
        "CREATE TABLE orders (\n  total float,\n  at timestamp\n);\nVACUUM <script>;\n"
    )
    assignment.submission.save()
    html = text(as_chi.get(url(card)))
    assert 'data-testid="erd"' in html
    assert "orders has no primary key" in html
    assert 'href="#ddl-L2"' in html
    assert 'data-anchor="schema L2"' in html
    assert 'data-testid="ddl-not-understood"' in html
    assert "<script>" not in html.split('id="panel-schema"')[1].split('id="panel-')[0]


def test_the_transcript_and_its_files_are_read_in_turns(as_chi, card, assignment):
    fields = assignment.submission.fields
    fields["transcript"] = entry("User: Is it safe?\nAssistant: It looks fine.")
    assignment.submission.save()
    attachment = Attachment(submission=assignment.submission, name="more.md", size=1, sha256="x")
    attachment.file.save("more.md", ContentFile(b"You: And two at once?\nAI: <b>Lock.</b>"))
    html = text(as_chi.get(url(card)))
    assert html.count('data-testid="turn-') == 4
    assert "AI transcript <span>4 turns</span>" in html
    assert "more.md" in html
    assert "&lt;b&gt;Lock.&lt;/b&gt;" in html
    attachment.file.storage.delete(attachment.file.name)
    assert "can no longer be read" in text(as_chi.get(url(card)))


def test_a_huge_transcript_is_cut_and_says_so(as_chi, card, assignment):
    turns = "\n".join(f"User: {n}" for n in range(500))
    assignment.submission.fields["transcript"] = entry(turns)
    assignment.submission.save()
    html = text(as_chi.get(url(card)))
    assert html.count('data-testid="turn-') == 200
    assert "300 more turns are not shown" in html


def test_a_change_to_code_is_not_called_a_schema(as_chi, card):
    version = card.assignment.exercise_version
    version.kind = "ai_assisted"
    version.save()
    html = text(as_chi.get(url(card)))
    assert 'id="tab-schema"' in html
    assert "Change <span>" in html
