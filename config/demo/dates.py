"""Giving the demo a past. Real work gets its times from the actions; only the demo moves them."""

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from accounts.models import Event
from candidates.models import Application, Job
from screening.models import Assignment, Decision, Invitation, Loop, Scorecard


def date_back(job: Job, days: dict[str, int]) -> None:
    """Each application began `days` ago; what followed came in its order, a day or so apart."""
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(created_at=now - timedelta(days=24))
    Loop.objects.filter(job=job).update(
        created_at=now - timedelta(days=23), published_at=now - timedelta(days=22)
    )
    for application in Application.objects.filter(job=job):
        _one(application, now - timedelta(days=days[application.code], hours=3))
    Event.objects.filter(job_id=job.pk).exclude(verb__in=("submit_scorecard", "hand_in")).update(
        at=F("at") - timedelta(days=3)
    )


def _one(application: Application, began: datetime) -> None:
    mine = Assignment.objects.filter(application=application)
    Application.objects.filter(pk=application.pk).update(created_at=began, applied_at=began)
    Invitation.objects.filter(application=application).update(
        created_at=began, expires_at=began + timedelta(days=14)
    )
    for place, assignment in enumerate(mine.order_by("position")):
        started = began + timedelta(hours=20 + 2 * place)
        if assignment.started_at:
            mine.filter(pk=assignment.pk).update(started_at=started)
        if assignment.handed_in_at:
            done = started + timedelta(minutes=assignment.minutes - 3)
            mine.filter(pk=assignment.pk).update(handed_in_at=done)
            assignment.scorecards.exclude(due_at=None).update(due_at=done + timedelta(days=3))
    scored = Scorecard.objects.filter(assignment__in=mine, status="submitted").order_by("id")
    for place, card in enumerate(scored):
        at = began + timedelta(days=2, hours=3 * place)
        Scorecard.objects.filter(pk=card.pk).update(
            started_at=at - timedelta(minutes=25), submitted_at=min(at, timezone.now())
        )
    Decision.objects.filter(application=application).update(
        created_at=min(began + timedelta(days=5), timezone.now())
    )
