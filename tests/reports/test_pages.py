"""The export centre: pages, fragments, downloads, and what others see of them: nothing."""

import io
import uuid
import zipfile

import pikepdf
import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Event
from reports import files
from reports.actions import cancel_export, delete_export, render_report
from reports.models import Export, Report
from tests import factories

pytestmark = pytest.mark.django_db


def make(export):
    for pk in list(export.reports.values_list("pk", flat=True)):
        render_report(pk)
    export.refresh_from_db()
    return export


@pytest.fixture
def alice(client, house):
    client.force_login(house.alice)
    return client


def form(*applications, **more):
    return {
        "applications": [application.pk for application in applications],
        "preset": "hiring_manager",
        "codes_instead_of_names": "on",
        "nonce": uuid.uuid4(),
        **more,
    }


def test_the_page_offers_who_can_be_exported(alice, house, media):
    ready, empty = house.candidate(), house.candidate(scored=False)
    page = alice.get(reverse("exports")).content.decode()
    assert 'data-testid="export-new"' in page
    assert f'value="{ready.pk}" checked>' in page
    assert f'value="{empty.pk}" disabled>' in page
    assert "no scorecard" in page


def test_the_page_begins_with_a_loop_that_has_candidates(alice, house, media):
    ready = house.candidate()
    factories.loop(factories.job(team={house.alice: "recruiter"}))
    assert f'value="{ready.pk}" checked>' in alice.get(reverse("exports")).content.decode()


def test_who_owes_a_scorecard_sees_the_same_page_whatever_the_others_did(client, house, media):
    client.force_login(house.bob)
    pages = []
    for scored in (True, False):
        application = house.candidate(scored=scored)
        house.owed(application, house.bob)
        html = client.get(f"{reverse('exports')}?application={application.pk}").content.decode()
        assert "needs your scorecard" in html
        at = html.index('<legend class="label">Who')
        pages.append(html[at : html.index("</fieldset>", at)])
        pages[-1] = pages[-1].replace(application.code, "X").replace(str(application.pk), "ID")
    assert pages[0] == pages[1]


def test_a_selection_of_candidates_comes_checked(alice, house, media):
    chosen, other = house.candidate(), house.candidate()
    url = f"{reverse('exports')}?application={chosen.pk}&application=nonsense"
    page = alice.get(url).content.decode()
    assert f'value="{chosen.pk}" checked>' in page
    assert str(other.pk) not in page


def test_asking_goes_back_to_the_page_and_shows_the_batch(alice, house, media):
    first, second = house.candidate(), house.candidate()
    answer = alice.post(reverse("exports"), form(first, second, letter="on"))
    assert (answer.status_code, answer["Location"]) == (303, reverse("exports"))
    export = Export.objects.get()
    assert (export.paper, export.reports.count()) == ("Letter", 2)
    page = alice.get(reverse("exports")).content.decode()
    assert 'data-testid="export-job" data-status="queued"' in page
    assert f'hx-get="{reverse("export_job", args=[export.pk])}?said=0"' in page
    assert 'hx-trigger="every 1s"' in page
    assert '<progress id="export-progress-' in page


def test_a_refusal_says_why_and_keeps_the_choice(alice, house, media):
    empty = house.candidate(scored=False)
    answer = alice.post(reverse("exports"), form(empty))
    assert answer.status_code == 422
    assert "has no submitted scorecard." in answer.content.decode()
    nobody = alice.post(reverse("exports"), form())
    assert nobody.status_code == 422
    assert "Choose at least one candidate." in nobody.content.decode()


def test_somebody_elses_candidate_cannot_be_asked_for(client, house, media):
    client.force_login(factories.recruiter("Rita Other"))
    application = house.candidate()
    answer = client.post(reverse("exports"), form(application))
    assert answer.status_code == 422
    assert application.code not in answer.content.decode()
    assert not Export.objects.exists()


def test_the_fragment_moves_on_tells_quarters_once_and_stops(alice, house, ask):
    export = ask(*[house.candidate() for _ in range(4)])
    url = reverse("export_job", args=[export.pk])
    quiet = alice.get(f"{url}?said=0").content.decode()
    assert "hx-trigger" in quiet
    assert "hx-swap-oob" not in quiet
    render_report(export.reports.first().pk)
    told = alice.get(f"{url}?said=0").content.decode()
    assert 'data-status="running"' in told
    assert 'hx-swap-oob="innerHTML">Backend engineer, senior: 25 % done' in told
    assert "?said=25" in told
    assert "hx-swap-oob" not in alice.get(f"{url}?said=25").content.decode()
    make(export)
    ended = alice.get(f"{url}?said=25").content.decode()
    assert 'data-status="succeeded"' in ended
    assert "hx-trigger" not in ended
    assert 'data-testid="download"' in ended


def test_a_dead_worker_is_told_as_waiting(alice, house, ask):
    export = ask(house.candidate())
    Report.objects.update(status="running", token=uuid.uuid4(), lease_until=Now())
    page = alice.get(reverse("export_job", args=[export.pk])).content.decode()
    assert "Waiting for a worker" in page


def test_one_pdf_is_a_pdf(alice, house, ask):
    export = make(ask(house.candidate()))
    answer = alice.get(reverse("export_file", args=[export.pk]))
    code = export.reports.get().application.code
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="Plumbline {code}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    with pikepdf.open(io.BytesIO(answer.getvalue())) as document:
        assert len(document.pages) == 2


def test_several_are_a_zip_of_known_length(alice, house, ask):
    people = [house.candidate(name=f"Ño Änn{n}/../x") for n in range(3)]
    export = make(ask(*people, codes_instead_of_names=False))
    answer = alice.get(reverse("export_file", args=[export.pk]))
    content = answer.getvalue()
    assert answer["Content-Type"] == "application/zip"
    assert int(answer["Content-Length"]) == len(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3
        assert all("/" not in name and "Ño Änn" in name for name in archive.namelist())
        assert {i.compress_type for i in archive.infolist()} == {zipfile.ZIP_STORED}
        for name in archive.namelist():
            with pikepdf.open(io.BytesIO(archive.read(name))) as document:
                assert len(document.pages) == 2


def test_a_download_is_in_the_ledger_and_ends_judging_blind(alice, house, ask):
    export = make(ask(house.candidate()))
    alice.get(reverse("export_file", args=[export.pk])).getvalue()
    reads = Event.objects.filter(is_read=True).values_list("verb", "object_type")
    assert set(reads) == {("download_export", "export"), ("read_results", "application")}


def test_rights_are_looked_at_again_at_the_download(alice, house, ask):
    kept, lost = house.candidate(), house.candidate()
    export = make(ask(kept, lost))
    house.owed(lost, house.alice)
    content = alice.get(reverse("export_file", args=[export.pk])).getvalue()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [f"{kept.code}.pdf"]
    report = export.reports.get(application=lost)
    assert alice.get(reverse("report_file", args=[export.pk, report.pk])).status_code == 404
    house.job.team.filter(user=house.alice).delete()
    assert alice.get(reverse("export_file", args=[export.pk])).status_code == 404


@pytest.mark.parametrize("who", ["bob", "chi"])
def test_others_exports_do_not_exist(client, house, ask, who):
    export = make(ask(house.candidate()))
    client.force_login(getattr(house, who))
    report = export.reports.get()
    for name in ("export", "export_job", "export_file"):
        assert client.get(reverse(name, args=[export.pk])).status_code == 404
        assert client.get(reverse(name, args=[uuid.uuid4()])).status_code == 404
    assert client.get(reverse("report_file", args=[export.pk, report.pk])).status_code == 404
    for name in ("export_cancel", "export_delete", "export_retry"):
        assert client.post(reverse(name, args=[export.pk])).status_code == 404
    assert client.post(reverse("report_retry", args=[export.pk, report.pk])).status_code == 404
    export.refresh_from_db()
    assert export.expired_at is None


def test_without_a_role_on_any_job_there_is_no_centre(client, house):
    assert client.get(reverse("exports")).status_code == 302
    client.force_login(house.chi)
    assert client.get(reverse("exports")).status_code == 404


def test_not_ready_and_gone_are_pages_of_their_own(alice, house, ask, media):
    export = ask(house.candidate())
    url = reverse("export_file", args=[export.pk])
    assert alice.get(url).status_code == 409
    make(export)
    files.remove([export.reports.get().file])
    assert alice.get(url).status_code == 410
    delete_export(by=house.alice, export=export)
    gone = alice.get(url)
    assert gone.status_code == 410
    assert "Ask for a new export" in gone.content.decode()


def test_cancel_retry_and_delete_by_plain_forms(alice, house, ask):
    export = ask(house.candidate())
    assert alice.post(reverse("export_cancel", args=[export.pk])).status_code == 303
    assert alice.post(reverse("export_cancel", args=[export.pk])).status_code == 422
    failed = ask(house.candidate())
    Report.objects.filter(export=failed).update(status="failed", problem="Too long.")
    page = alice.get(reverse("export", args=[failed.pk])).content.decode()
    assert "Too long." in page
    report = failed.reports.get()
    url = reverse("report_retry", args=[failed.pk, report.pk])
    answer = alice.post(url, {"back": "export"})
    assert (answer.status_code, answer["Location"]) == (303, reverse("export", args=[failed.pk]))
    report.refresh_from_db()
    assert report.status == "queued"
    Report.objects.filter(export=failed).update(status="failed")
    assert alice.post(reverse("export_retry", args=[failed.pk])).status_code == 303
    assert alice.post(reverse("export_delete", args=[failed.pk])).status_code == 303
    failed.refresh_from_db()
    assert failed.expired_at is not None
    page = alice.get(reverse("exports")).content.decode()
    assert 'data-status="cancelled"' in page
    assert 'data-status="expired"' in page


def test_the_pages_cost_the_same_for_one_and_for_fifty(alice, house, ask):
    """Exports of every state, candidates of every state."""
    urls = [reverse("exports")]
    export = ask(house.candidate(), house.candidate())
    urls.append(reverse("export", args=[export.pk]))
    cancel_export(by=house.alice, export=ask(house.candidate()))

    def count():
        counts = []
        for url in urls:
            with CaptureQueriesContext(connection) as queries:
                assert alice.get(url).status_code == 200
            counts.append(len(queries))
        return counts

    before = count()
    row = Report.objects.filter(export=export).first()
    for n in range(50):
        application = factories.application(house.job)
        status = ("failed", "succeeded", "queued")[n % 3]
        batch = Export.objects.create(requested_by=house.alice, job=house.job)
        fields = {"application": application, "data": row.data, "status": status, "size": 5}
        Report.objects.create(export=batch, **fields)
        Report.objects.create(export=export, **fields)
    assert count() == before
    assert max(before) <= 20
