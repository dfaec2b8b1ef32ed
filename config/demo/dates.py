"""Giving the demo a past. Real work gets its times from the actions; only the demo moves them."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone

from accounts.models import Event
from candidates.models import Application, Job
from screening.models import Assignment, Decision, Invitation, Loop, Scorecard


def date_back(job: Job, days: dict[str, int]) -> None:
    """Each application began `days` ago; what followed came in its order, a day or so apart."""
    now = timezone.now()
    Event.objects.filter(job_id=job.pk).update(at=F("at") - timedelta(days=3))
    _move(job, now - timedelta(days=24))
    Loop.objects.filter(job=job).update(
        created_at=now - timedelta(days=23), published_at=now - timedelta(days=22)
    )
    for application in Application.objects.filter(job=job):
        _one(application, now - timedelta(days=days[application.code], hours=3))


def _one(application: Application, began: datetime) -> None:
    _move(application, began, applied_at=began)
    link = Invitation.objects.filter(application=application)
    link.update(created_at=began, expires_at=began + timedelta(days=14))
    link.exclude(opened_at=None).update(
        opened_at=began + timedelta(hours=19), consented_at=began + timedelta(hours=19)
    )
    mine = Assignment.objects.filter(application=application).order_by("position")
    for place, assignment in enumerate(mine):
        _work(assignment, began, began + timedelta(hours=20 + 2 * place))
    scored = Scorecard.objects.filter(assignment__in=mine, status="submitted")
    for place, card in enumerate(scored.order_by("assignment__position", "id")):
        at = _past(began + timedelta(days=2, hours=3 * place))
        _move(card, at, started_at=at - timedelta(minutes=25), submitted_at=at)
    for decision in Decision.objects.filter(application=application):
        _move(decision, _past(began + timedelta(days=4)))


def _work(assignment: Assignment, invited: datetime, started: datetime) -> None:
    if not assignment.started_at:
        _move(assignment, invited)
        return
    if not assignment.handed_in_at:  # somebody is at it just now
        started = timezone.now() - timedelta(minutes=12)
    done = started + timedelta(minutes=assignment.minutes - 3)
    times = {"started_at": started}
    if assignment.handed_in_at:
        times["handed_in_at"] = done
        assignment.scorecards.exclude(due_at=None).update(due_at=done + timedelta(days=3))
    _move(assignment, done, created_at=invited, **times)


def _move(row: models.Model, at: datetime, **times: datetime) -> None:
    """The row and what the ledger says of it."""
    type(row)._default_manager.filter(pk=row.pk).update(**{"created_at": at, **times})
    Event.objects.filter(object_id=row.pk).update(at=_past(at))


def _past(at: datetime) -> datetime:
    return min(at, timezone.now() - timedelta(minutes=7))
