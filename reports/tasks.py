"""Ids in, one action each; safe to run twice."""

from typing import Any

from celery import shared_task
from celery.signals import worker_init

from reports import actions, pdf


@worker_init.connect
def preload(**_signal: Any) -> None:
    """In the parent, so that its children share the pages and start at once."""
    pdf.preload()


@shared_task(name="reports.render", soft_time_limit=90, time_limit=120)
def render(report_id: str) -> None:
    actions.render_report(report_id)


@shared_task(name="reports.sweep")
def sweep() -> None:
    actions.sweep()


@shared_task(name="reports.tidy")
def tidy() -> None:
    actions.tidy()
