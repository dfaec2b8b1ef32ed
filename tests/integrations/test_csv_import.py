"""Candidates from a spreadsheet: told before, written once, wrong rows handed back."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from candidates.models import Application, Candidate, ExternalId
from integrations.actions import forget_files, run_import
from integrations.models import CsvImport
from screening.models import Assignment
from tests import factories
from tests.integrations.csv_steps import GOOD, lines, page, plan, send, uploaded

pytestmark = pytest.mark.django_db


# --- the whole way


def test_from_the_file_to_the_people(client, alice, job):
    client.force_login(alice)
    answer = send(client, job, GOOD)
    found = CsvImport.objects.get()
    assert answer.url == reverse("csv_map", args=[found.pk])
    form = client.get(answer.url).context["form"]
    assert [form.fields[name].initial for name in form.fields] == [0, 1, 2, 3, 4]
    answer = client.post(answer.url, {"first_name": 0, "last_name": 1, "email": 2, "source": 3})
    assert answer.url == reverse("csv_preview", args=[found.pk])
    assert "2 candidates will be added" in client.get(answer.url).content.decode()
    assert not Candidate.objects.exists()
    answer = client.post(reverse("csv_run", args=[found.pk]), follow=True)
    assert "2 candidates added" in answer.content.decode()
    assert set(Candidate.objects.values_list("first_name", "last_name", "email")) == {
        ("Kim", "Larsen", "kim@example.com"),
        ("Zoë", "O'Neill", "zoe@example.com"),
    }
    assert set(job.applications.values_list("source", flat=True)) == {"Board", ""}
    found.refresh_from_db()
    assert (found.text, found.status, found.created) == ("", "imported", 2)
    verbs = set(Event.objects.values_list("verb", flat=True))
    assert {"upload_csv", "map_columns", "run_import", "apply", "create_candidate"} <= verbs


def test_the_same_file_twice_adds_nobody(client, alice, job):
    for created, known in [(2, 0), (0, 2)]:
        done = run_import(by=alice, csv_import=uploaded(alice, job, GOOD))
        assert (done.created, done.known, done.left_out) == (created, known, 0)
    assert Candidate.objects.count() == 2
    assert "Nobody will be added" in page_of_again(client, alice, job)


def page_of_again(client, alice, job):
    client.force_login(alice)
    return page(client, "csv_preview", uploaded(alice, job, GOOD))


def test_one_import_runs_once(alice, job):
    found = uploaded(alice, job, GOOD)
    for _ in range(2):
        assert run_import(by=alice, csv_import=found).created == 2
    assert job.applications.count() == 2
    assert Event.objects.filter(verb="run_import").count() == 1


def test_people_without_address_and_id_come_once_too(alice, job):
    text = "Vorname;Nachname\nÖzlem;Kaya\n"
    for created in (1, 0):
        assert run_import(by=alice, csv_import=uploaded(alice, job, text)).created == created


def test_the_loop_is_given_at_once_when_asked(client, alice, job):
    factories.loop(job)
    client.force_login(alice)
    found = uploaded(alice, job, GOOD)
    assert "Assign the loop at once" in page(client, "csv_preview", found)
    client.post(reverse("csv_run", args=[found.pk]), {"with_loop": "on"})
    assert Assignment.objects.count() == 2


# --- who is known


def test_known_by_external_id_then_by_address(client, alice, job):
    run_import(by=alice, csv_import=uploaded(alice, job, GOOD))
    text = lines("Kimberley,L,new@example.com,,1", "Z,O,zoe@example.com,,9", "Ravi,M,,,3")
    new, known, wrong = plan(client, alice, job, text)
    assert [person.first_name for person in new] == ["Ravi"]
    assert [why for _, why in known] == ["same external id", "same e-mail"]
    assert not wrong


def test_an_ats_id_of_this_job_is_known(client, alice, job):
    application = factories.application(job)
    ExternalId.objects.create(source="ats", value="77", candidate=application.candidate)
    _, known, _ = plan(client, alice, job, lines("Kim,Larsen,,,77"))
    assert [why for _, why in known] == ["same external id"]


def test_another_jobs_people_stay_unknown(client, alice, job):
    """Neither an address nor an id may tell that somebody applies elsewhere."""
    mallory = factories.recruiter("Mallory Recruiter")
    other = factories.job(team={mallory: "recruiter"})
    run_import(by=mallory, csv_import=uploaded(mallory, other, GOOD))
    new, known, _ = plan(client, alice, job, GOOD)
    assert (len(new), len(known)) == (2, 0)
    run_import(by=alice, csv_import=uploaded(alice, job, GOOD))
    assert Candidate.objects.count() == 4
    assert set(Application.objects.values_list("job", flat=True)) == {job.pk, other.pk}


# --- wrong rows


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (",Larsen,kim@example.com,,", "First name", "The first name is missing."),
        ("Kim,Larsen,kim(at)example.com,,", "E-mail", "This is no e-mail address."),
        ("x" * 81 + ",,,,", "First name", "81 characters are too long; 80 fit."),
        ("Kim,,,," + "1" * 192, "External id", "192 characters are too long; 191 fit."),
        ("Kim,,,,,more", "", "The row has 6 cells and the header 5."),
        ("Kim,,ANN@example.com,,", "E-mail", "The same address stands in row 2."),
        ("Kim,,,,A1", "External id", "The same id stands in row 2."),
    ],
)
def test_a_wrong_row_is_told_and_left_out(client, alice, job, row, column, sentence):
    text = lines("Ann,Lee,ann@example.com,,A1", row)
    new, _, (wrong,) = plan(client, alice, job, text)
    assert [person.first_name for person in new] == ["Ann"]
    assert wrong.row == 3
    assert wrong.problems[0][0] == column
    assert wrong.problems[0][1].startswith(sentence)
    done = run_import(by=alice, csv_import=CsvImport.objects.get())
    assert (done.created, done.left_out) == (1, 1)
    assert Candidate.objects.get().first_name == "Ann"


def test_row_numbers_are_those_of_the_spreadsheet(client, alice, job):
    text = lines('Ann,"two\nlines",,,', "", ",Nobody,,,")
    (new,), _, (wrong,) = plan(client, alice, job, text)
    assert (new.last_name, wrong.row) == ("two lines", 4)


def test_names_doubled_without_anything_else(client, alice, job):
    _, _, (wrong,) = plan(client, alice, job, "first name\nKim\nkim\n")
    assert wrong.problems == [
        ("First name", "The same name stands in row 2, and no e-mail or id tells them apart.")
    ]


def test_the_rows_left_out_can_be_downloaded_and_mended(client, alice, job):
    client.force_login(alice)
    found = uploaded(alice, job, lines("=1+1,Lee,no address,,", "Ann,Lee,ann@example.com,,"))
    url = reverse("csv_wrong", args=[found.pk])
    before = client.get(url).content
    run_import(by=alice, csv_import=found)
    answer = client.get(url)
    assert answer.content == before
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows[0][-2:] == ["Row", "What is wrong"]
    assert rows[1][:6] == ["'=1+1", "Lee", "no address", "", "", "2"]
    assert rows[1][6] == "E-mail: This is no e-mail address."
    assert "Download these rows" in page(client, "csv_result", found)
    mended = answer.content.decode().replace("no address", "lee@example.com")
    assert run_import(by=alice, csv_import=uploaded(alice, job, mended)).created == 1


# --- who may, for how long, at what cost


def test_only_the_jobs_recruiter_and_admins_import(client, alice, bob, chi, job):
    found = uploaded(alice, job, lines(",wrong,,,"))
    other = factories.recruiter("Mallory Recruiter")
    gets = ("csv_map", "csv_preview", "csv_wrong")
    for user in (bob, chi, other, factories.admin()):
        client.force_login(user)
        allowed = user.is_admin
        url = reverse("csv_upload", args=[job.pk])
        assert client.get(url).status_code == (200 if allowed else 404)
        # The file itself stays with whoever uploaded it.
        assert [client.get(reverse(n, args=[found.pk])).status_code for n in gets] == [404] * 3
        assert client.post(reverse("csv_run", args=[found.pk])).status_code == 404
    client.logout()
    assert client.get(reverse("csv_upload", args=[job.pk])).status_code == 302


def test_who_left_the_team_cannot_go_on(client, alice, job):
    found = uploaded(alice, job, GOOD)
    job.team.filter(user=alice).delete()
    client.force_login(alice)
    assert client.post(reverse("csv_run", args=[found.pk])).status_code == 404
    assert not Candidate.objects.exists()


def test_files_are_forgotten_after_a_day(client, alice, job):
    waiting = uploaded(alice, job, GOOD)
    done = run_import(by=alice, csv_import=uploaded(alice, job, lines(",wrong,,,")))
    assert forget_files() == 0
    CsvImport.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    assert (forget_files(), forget_files()) == (2, 0)
    client.force_login(alice)
    upload = reverse("csv_upload", args=[job.pk])
    assert client.get(reverse("csv_preview", args=[waiting.pk])).url == upload
    assert client.get(reverse("csv_map", args=[waiting.pk])).url == upload
    answer = client.post(reverse("csv_run", args=[waiting.pk]), follow=True)
    assert "Choose the file again" in answer.content.decode()
    assert client.get(reverse("csv_wrong", args=[done.pk])).status_code == 404
    assert "1 left out" in page(client, "csv_result", done)


def test_the_list_of_candidates_leads_to_the_import(client, alice, bob, job):
    client.force_login(alice)
    start = reverse("csv_start")
    assert start in client.get(reverse("candidates")).content.decode()
    assert client.get(start).url == reverse("csv_upload", args=[job.pk])
    second = factories.job(team={alice: "recruiter"}, title="Data engineer")
    factories.job(team={alice: "recruiter"}, title="Closed one", status="closed")
    factories.job(team={alice: "hiring_manager"}, title="Not to recruit for")
    assert set(client.get(start).context["jobs"]) == {job, second}
    client.force_login(bob)
    assert client.get(start).status_code == 404
    assert start not in client.get(reverse("candidates")).content.decode()


def test_the_sample_can_be_imported(client, alice, job):
    client.force_login(alice)
    sample = client.get(reverse("csv_sample")).content
    assert run_import(by=alice, csv_import=uploaded(alice, job, sample)).created == 3


def test_the_preview_costs_the_same_for_one_and_fifty(client, alice, job):
    client.force_login(alice)
    counts = []
    for size in (1, 50):
        rows = [f"P{n},L,p{n}@example.com,,{n}" for n in range(size)]
        rows += [f",wrong {n},,," for n in range(size)]
        for n in range(size):
            known = factories.application(job, name=f"Known{n} Person")
            rows.append(f"Known{n},,{known.candidate.email},,")
        url = reverse("csv_preview", args=[uploaded(alice, job, lines(*rows)).pk])
        client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).context["plan"].known
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_a_full_file_is_imported(client, alice, job):
    rows = [f"P{n},L,p{n}@example.com,,{n}" for n in range(300)]
    assert run_import(by=alice, csv_import=uploaded(alice, job, lines(*rows))).created == 300
