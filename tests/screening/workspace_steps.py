"""A candidate at work: begun, and what they send."""

from types import SimpleNamespace

from django.test import Client
from django.urls import reverse

from screening.models import Submission
from tests.screening.candidate_world import world

ONE = "comment:6b0f3c52-3b3e-4a63-9d3b-0d2f6a1c9b11"
HOSTILE = "<script>alert(1)</script> \u202egnp.exe {{ 7|add:7 }} ‮"


def begun(**fields):
    here = world(**fields)
    browser = Client()
    browser.post(reverse("link", args=[here.secret]))
    browser.post(reverse("consent"), {"agree": "yes"})
    browser.post(reverse("work_start", args=[here.first]))
    return SimpleNamespace(
        **vars(here), browser=browser, url=reverse("workspace", args=[here.first])
    )


def saved(here):
    return Submission.objects.get(assignment=here.first)


def send(here, *ops, browser=None):
    return (browser or here.browser).post(
        reverse("work_save", args=[here.first]),
        {"ops": list(ops)},
        content_type="application/json",
        headers={"X-Autosave": "1"},
    )


def status_of(response):
    [answer] = response.json()["answers"]
    return answer["status"]
