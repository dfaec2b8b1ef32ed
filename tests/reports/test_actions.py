"""Asking, refusing, pinning, making, cancelling, trying again, deleting, tidying."""

import errno
import hashlib
import os
import time
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Event
from lib import work
from lib.errors import Refused
from reports import data, files, pdf, tasks
from reports.actions import (
    cancel_export,
    delete_export,
    render_report,
    retry_report,
    sweep,
    tidy,
)
from reports.models import Export, Report
from screening.actions.scorecards import amend_rating
from screening.models import Conflict, Rating
from tests import factories

pytestmark = pytest.mark.django_db


def verbs() -> list[str]:
    return list(Event.objects.order_by("at").values_list("verb", flat=True))


def make(export):
    for pk in list(export.reports.values_list("pk", flat=True)):
        render_report(pk)
    export.refresh_from_db()
    return list(export.reports.all())


def age(report, **fields):
    Report.objects.filter(pk=report.pk).update(**fields)


def test_asking_pins_queues_and_tells_the_ledger(
    house, ask, django_capture_on_commit_callbacks, monkeypatch
):
    sent = []
    monkeypatch.setattr(work, "_send", lambda name, ids: sent.append((name, ids)))
    application = house.candidate()
    with django_capture_on_commit_callbacks(execute=True):
        export = ask(application)
    report = export.reports.get()
    assert sent == [("reports.render", (report.pk,))]
    assert (report.status, report.data["title"]) == ("queued", f"Candidate {application.code}")
    assert report.data["pinned"][0]["revision"] == 1
    assert (export.job, export.skipped, export.expires_at) == (house.job, [], None)
    assert "request_export" in verbs()


def test_eager_workers_make_it_at_once(house, ask, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        export = ask(house.candidate())
    assert export.reports.get().status == "succeeded"


def test_who_has_no_scorecard_is_skipped_with_the_reason(house, ask):
    scored, empty = house.candidate(), house.candidate(scored=False)
    export = ask(scored, empty)
    assert export.reports.count() == 1
    assert export.skipped == [
        {"code": empty.code, "why": f"{empty.code} has no submitted scorecard."}
    ]


def test_nothing_left_is_refused_and_says_what_to_do(house, ask):
    with pytest.raises(Refused, match=r"has no submitted scorecard\. Try again when"):
        ask(house.candidate(scored=False))
    with pytest.raises(Refused, match="Choose at least one"):
        ask()
    assert not Export.objects.exists()


def test_a_scorecard_that_is_still_due_keeps_the_debrief_and_the_pdf_shut(house, ask):
    application = house.candidate()
    late = house.owed(application, factories.interviewer("Eli Kaya"))
    type(late).objects.filter(pk=late.pk).update(due_at=timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="still due"):
        ask(application)


def test_who_owes_a_scorecard_learns_nothing(house, ask):
    """The words are the same whether the others have submitted or not."""
    told = []
    for scored in (True, False):
        application = house.candidate(scored=scored)
        house.owed(application, house.bob)
        with pytest.raises(Refused) as refused:
            ask(application, by=house.bob)
        told.append(refused.value.message.replace(application.code, "X"))
    assert told[0] == told[1]
    assert "your own scorecard" in told[0]


def test_only_those_who_may(house, ask):
    application = house.candidate()
    for outsider in (
        house.chi,
        factories.recruiter("Rita Other"),
        factories.manager("Mia Other"),
        factories.interviewer("Ira Off"),
    ):
        with pytest.raises(Refused) as refused:
            ask(application, by=outsider)
        assert refused.value.code == "not_found"
    Conflict.objects.create(application=application, user=house.bob, reason="cousin")
    with pytest.raises(Refused):
        ask(application, by=house.bob)
    assert ask(application, by=factories.admin()).reports.count() == 1


def test_a_double_click_asks_once(house, ask):
    application, nonce = house.candidate(), uuid.uuid4()
    first = ask(application, nonce=nonce)
    assert ask(application, nonce=nonce) == first
    assert ask(application, nonce=uuid.uuid4()) != first
    assert ask(application, nonce=nonce, by=house.bob) != first
    assert verbs().count("request_export") == 3


def test_unknown_presets_and_papers_are_refused(house, ask):
    for wrong in ({"preset": "all"}, {"paper": "A3"}):
        with pytest.raises(Refused):
            ask(house.candidate(), **wrong)


def test_names_only_when_asked_for(house, ask):
    application = house.candidate(name="Nadia Canary")
    hidden = ask(application).reports.get().data
    assert "Nadia" not in str(hidden)
    shown = ask(application, codes_instead_of_names=False).reports.get().data
    assert shown["title"] == "Nadia Canary"
    assert application.code in shown["subtitle"]
    assert "example.com" not in str(shown)


def test_no_answer_key_no_draft_no_contact_in_what_is_pinned(house, ask):
    said = str(ask(house.candidate(), codes_instead_of_names=False).reports.get().data)
    assert "KEY-CANARY" not in said
    assert "@example" not in said


def test_what_is_pinned_stays_when_the_points_change(house, ask):
    application = house.candidate()
    export = ask(application)
    before = export.reports.get().data
    rating = Rating.objects.filter(
        scorecard__interviewer=house.dev,
        criterion__key="c2",
        scorecard__assignment__application=application,
    ).get()
    amend_rating(by=house.dev, rating=rating, point=2, evidence="Read again.", reason="Misread.")
    report = make(export)[0]
    assert report.data == before
    assert pdf.render(before).content == files.path_of(report.file).read_bytes()
    after = ask(application).reports.get().data
    settled = after["evidence"][1]["settled"][0]["text"]
    assert "Dev Patel amended 1 to 2" in settled
    assert "Misread." in settled
    assert "Misread." not in str(before)


def test_the_same_rows_give_the_same_data(house):
    application, at = house.candidate(), timezone.now()
    options = {
        "by": house.alice,
        "at": at,
        "preset": "hiring_manager",
        "codes_instead_of_names": True,
        "paper": "A4",
    }
    assert data.build([application], **options) == data.build([application], **options)


def test_pinning_costs_the_same_queries_for_one_and_for_many(house, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    applications = [house.candidate() for _ in range(5)]
    options = {
        "by": house.alice,
        "at": timezone.now(),
        "preset": "hiring_manager",
        "codes_instead_of_names": True,
        "paper": "A4",
    }
    with CaptureQueriesContext(connection) as one:
        data.build(applications[:1], **options)
    with django_assert_num_queries(len(one)):
        data.build(applications, **options)


def test_a_made_pdf_has_its_file_hash_size_and_pages(house, ask, media):
    report = make(ask(house.candidate()))[0]
    content = files.path_of(report.file).read_bytes()
    assert content.startswith(b"%PDF-")
    assert report.status == "succeeded"
    assert report.file == f"reports/{report.pk}-{report.token}.pdf"
    assert report.sha256 == hashlib.sha256(content).hexdigest()
    assert (report.size, report.pages) == (len(content), 2)
    assert [path.suffix for path in media.iterdir()] == [".pdf"]


def test_the_last_one_starts_the_days_it_is_kept(house, ask):
    export = ask(house.candidate(), house.candidate())
    first, second = export.reports.all()
    render_report(first.pk)
    export.refresh_from_db()
    assert export.expires_at is None
    render_report(second.pk)
    export.refresh_from_db()
    assert timedelta(days=6) < export.expires_at - timezone.now() < timedelta(days=8)
    assert verbs().count("finish_export") == 1


def test_every_task_run_twice_is_run_once(house, ask, media):
    export = ask(house.candidate())
    report = export.reports.get()
    for _ in range(2):
        tasks.render(str(report.pk))
        tasks.sweep()
        tasks.tidy()
    report.refresh_from_db()
    assert (report.status, report.attempts) == ("succeeded", 1)
    assert len(list(media.iterdir())) == 1
    assert verbs().count("finish_export") == 1


def test_rights_are_looked_at_again_when_it_is_made(house, ask):
    application = house.candidate()
    export = ask(application)
    house.job.team.filter(user=house.alice).delete()
    report = make(export)[0]
    assert report.status == "failed"
    assert "may no longer export" in report.problem
    assert not report.file


def test_who_comes_to_owe_a_scorecard_gets_no_pdf(house, ask):
    application = house.candidate()
    export = ask(application)
    house.owed(application, house.alice)
    assert make(export)[0].status == "failed"


def test_a_worker_that_lost_its_row_deletes_its_own_file(house, ask, media, monkeypatch):
    report = ask(house.candidate()).reports.get()
    real = pdf.render

    def taken(pinned):
        age(report, token=uuid.uuid4())
        return real(pinned)

    monkeypatch.setattr(pdf, "render", taken)
    assert render_report(report.pk) is False
    assert list(media.iterdir()) == []
    report.refresh_from_db()
    assert report.status == "running"


def test_a_document_that_cannot_be_made_fails_with_words_and_can_be_tried_again(
    house, ask, monkeypatch
):
    export = ask(house.candidate())
    with monkeypatch.context() as patched:
        patched.setattr(pdf, "render", lambda _data: 1 / 0)
        report = make(export)[0]
    assert (report.status, report.attempts) == ("failed", 1)
    assert "could not be made" in report.problem
    export.refresh_from_db()
    assert export.expires_at is not None
    retry_report(by=house.alice, report=report)
    assert make(export)[0].status == "succeeded"


def test_only_failed_ones_can_be_tried_again(house, ask):
    export = ask(house.candidate())
    report = make(export)[0]
    with pytest.raises(Refused, match="Only a PDF that failed"):
        retry_report(by=house.alice, report=report)
    with pytest.raises(Refused):
        retry_report(by=house.bob, report=report)


def test_a_database_that_goes_away_puts_it_back_for_the_sweeper(house, ask, monkeypatch):
    report = ask(house.candidate()).reports.get()
    with monkeypatch.context() as patched:

        def gone(_data):
            raise OperationalError("server closed the connection")

        patched.setattr(pdf, "render", gone)
        patched.setattr("reports.actions.rendering.close_old_connections", lambda: None)
        assert render_report(report.pk) is False
    report.refresh_from_db()
    assert (report.status, report.attempts) == ("queued", 1)
    age(report, queued_at=Now() - timedelta(minutes=1))
    assert sweep().published == (report.pk,)
    assert render_report(report.pk)


def test_a_full_disk_waits_without_using_up_its_attempts(house, ask, media, monkeypatch):
    report = ask(house.candidate()).reports.get()
    with monkeypatch.context() as patched:

        def full(_handle):
            raise OSError(errno.ENOSPC, "No space left on device")

        patched.setattr(os, "fsync", full)
        for _ in range(7):
            assert render_report(report.pk) is False
    report.refresh_from_db()
    assert (report.status, report.problem) == ("queued", "Waiting: the disk is full.")
    assert list(media.iterdir()) == []
    assert render_report(report.pk)


def test_attempts_that_are_used_up_fail_and_end_the_export(house, ask):
    export = ask(house.candidate())
    report = export.reports.get()
    age(report, attempts=work.ATTEMPTS, queued_at=Now() - timedelta(minutes=1))
    sweep()
    report.refresh_from_db()
    export.refresh_from_db()
    assert report.status == "failed"
    assert "5 times" in report.problem
    assert export.expires_at is not None


def test_cancelling_keeps_what_is_made(house, ask):
    export = ask(house.candidate(), house.candidate())
    first, second = export.reports.all()
    render_report(first.pk)
    cancel_export(by=house.alice, export=export)
    assert render_report(second.pk) is False
    assert sorted(export.reports.values_list("status", flat=True)) == ["cancelled", "succeeded"]
    assert export.cancelled_at is not None
    with pytest.raises(Refused, match="ended already"):
        cancel_export(by=house.alice, export=export)
    with pytest.raises(Refused):
        cancel_export(by=house.bob, export=export)


def test_deleting_takes_files_and_words(house, ask, media, django_capture_on_commit_callbacks):
    export = ask(house.candidate())
    make(export)
    with django_capture_on_commit_callbacks(execute=True):
        delete_export(by=house.alice, export=export)
    report = export.reports.get()
    assert list(media.iterdir()) == []
    assert (report.status, report.file, report.data) == ("expired", "", {})
    assert export.expired_at is not None
    delete_export(by=house.alice, export=export)
    assert verbs().count("delete_export") == 1
    with pytest.raises(Refused):
        delete_export(by=house.bob, export=export)


def test_after_seven_days_they_are_gone(house, ask, media, django_capture_on_commit_callbacks):
    export = ask(house.candidate())
    make(export)
    Export.objects.update(expires_at=Now() - timedelta(seconds=1))
    with django_capture_on_commit_callbacks(execute=True):
        tidy()
    export.refresh_from_db()
    assert export.expired_at is not None
    assert list(media.iterdir()) == []
    assert verbs().count("expire_export") == 1


def test_tidying_takes_orphans_once_they_are_old(house, ask, media):
    report = make(ask(house.candidate()))[0]
    kept = files.path_of(report.file)
    orphan, part = media / f"{report.pk}-{uuid.uuid4()}.pdf", media / "x.part"
    for path in (orphan, part):
        path.write_bytes(b"half")
    assert tidy() == 0
    old = time.time() - 2 * files.LEFTOVER_AGE
    for path in (orphan, part, kept):
        os.utime(path, (old, old))
    assert tidy() == 2
    assert list(media.iterdir()) == [kept]
