"""Ids in, one action each; safe to run twice."""

from celery import shared_task

from screening.actions.submissions import seal_expired


@shared_task(name="screening.seal_expired")
def seal_expired_work() -> None:
    seal_expired()
