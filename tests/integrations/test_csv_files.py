"""What a spreadsheet program writes is read; what cannot be is refused with what to do."""

import csv
import io

import pytest
from django.urls import reverse

from candidates.models import Candidate
from integrations.actions import run_import
from integrations.models import CsvImport
from lib.errors import Refused
from tests.integrations.csv_steps import GOOD, page, plan, send, uploaded

pytestmark = pytest.mark.django_db


# --- files that cannot be read


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("Vorname;Name\nZoë;Ö\n".encode("cp1252"), "not in UTF-8. In Excel save it as"),
        ("First name\nKim\n".encode("utf-16-le"), "NUL character"),
        (b"\xff\xfeF", "not in UTF-8"),
        (b"First name\nKi\x00m\n", "Line 2 has a NUL character"),
        (b'First name\n"Kim\n', "a quotation mark is opened and not closed"),
        (b'First name\n"Kim" x\n', "a quotation mark is opened and not closed"),
        (b"Kim,Larsen,kim@example.com\n", "The first row has to name the columns"),
        (b"First name,Last name\n", "column names only"),
        (b"\n\n , \n", "The file is empty"),
        (b"", "empty"),
        (b"First name\n" + b"Kim\n" * 5000, "more than 2,000 rows. Split it"),
        (b"First name\n" + b"x" * 2_000_000, "larger than 2 MB. Split it"),
        (b"a," * 101 + b"\n1" + b",b" * 100, "more than 100 columns"),
        (b"First name\n" + b"x" * 200_000, "quotation mark"),
    ],
)
def test_a_bad_file_is_refused_with_what_to_do(client, alice, job, data, sentence):
    client.force_login(alice)
    answer = send(client, job, data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not CsvImport.objects.exists()


def test_no_file_is_told(client, alice, job):
    client.force_login(alice)
    assert client.post(reverse("csv_upload", args=[job.pk])).status_code == 422


def test_a_closed_job_takes_nobody(client, alice, job):
    found = uploaded(alice, job, GOOD)
    job.status = "closed"
    job.save()
    client.force_login(alice)
    assert "This job is closed" in send(client, job, GOOD).content.decode()
    answer = client.post(reverse("csv_run", args=[found.pk]), follow=True)
    assert "This job is closed" in answer.content.decode()
    assert not Candidate.objects.exists()
    found.refresh_from_db()
    assert found.status == "uploaded"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_spreadsheets_write_is_read(client, alice, job, encoding, delimiter, end):
    rows = [["Vorname", "Nachname", "E-Mail-Adresse", "Quelle", "Bewerber-ID"]]
    rows += [["Zoë", 'say "hi", a;b', "zoe@example.com", "Börse", "007"]]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(rows)
    (person,), _, wrong = plan(client, alice, job, out.getvalue().encode(encoding))
    assert not wrong
    assert person.last_name == 'say "hi", a;b'
    assert (person.email, person.source, person.external_id) == ("zoe@example.com", "Börse", "007")


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("Name,Vorname", 1, 0),
        ("Name,E-mail", 0, None),
        ("last_name,FIRST NAME", 1, 0),
        ("Familienname,Rufname", 1, 0),
    ],
)
def test_columns_are_guessed(alice, job, header, first, last):
    mapping = uploaded(alice, job, f"{header}\na,b\n").mapping
    assert (mapping.get("first_name"), mapping.get("last_name")) == (first, last)


# --- columns


def test_a_file_without_a_first_name_asks_for_it(client, alice, job):
    client.force_login(alice)
    found = uploaded(alice, job, "Alpha,Beta\nKim,Larsen\n")
    url = reverse("csv_map", args=[found.pk])
    assert client.get(reverse("csv_preview", args=[found.pk])).url == url
    assert "No column of this file is called first name" in client.get(url).content.decode()
    answer = client.post(url, {"last_name": 1})
    assert answer.status_code == 422
    assert "Choose the column of the first name." in answer.content.decode()
    with pytest.raises(Refused):
        run_import(by=alice, csv_import=found)
    assert client.post(url, {"first_name": 0, "last_name": 1}).status_code == 302
    assert run_import(by=alice, csv_import=found).created == 1


@pytest.mark.parametrize(
    "data",
    [
        {"first_name": 0, "last_name": 0},
        {"first_name": 9},
        {"first_name": "x\x00"},
        {"first_name": "-1"},
    ],
)
def test_columns_that_cannot_be(client, alice, job, data):
    client.force_login(alice)
    found = uploaded(alice, job, "Alpha,Beta\nKim,Larsen\n")
    assert client.post(reverse("csv_map", args=[found.pk]), data).status_code == 422


def test_hostile_text_stays_text(client, alice, job):
    client.force_login(alice)
    found = uploaded(alice, job, "First name,<script>alert(1)</script>\n<img src=x>,\u202e\n")
    for name in ("csv_map", "csv_preview"):
        body = page(client, name, found)
        assert "<script>alert" not in body
        assert "<img src=x" not in body
