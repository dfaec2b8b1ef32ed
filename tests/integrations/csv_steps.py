"""A spreadsheet sent, kept and looked at."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from integrations.actions import upload_csv

HEADER = "First name,Last name,E-mail,Source,External id"
GOOD = f"{HEADER}\nKim,Larsen,kim@example.com,Board,1\nZoë,O'Neill,ZOE@example.com,,2\n"


def lines(*rows):
    return "\n".join([HEADER, *rows])


def send(client, job, text, **more):
    data = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("people.csv", data, content_type="text/csv")
    return client.post(reverse("csv_upload", args=[job.pk]), {"file": file, **more})


def uploaded(alice, job, text):
    data = text if isinstance(text, bytes) else text.encode()
    return upload_csv(by=alice, job=job, name="people.csv", data=data)


def page(client, name, found):
    return client.get(reverse(name, args=[found.pk])).content.decode()


def plan(client, alice, job, text):
    """(new, known, wrong) as the preview page says."""
    client.force_login(alice)
    answer = client.get(reverse("csv_preview", args=[uploaded(alice, job, text).pk]))
    found = answer.context["plan"]
    return found.new, found.known, found.wrong
