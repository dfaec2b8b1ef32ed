"""Ids in, one action each; safe to run twice."""

from celery import shared_task

from reports import actions


@shared_task(name="reports.render", soft_time_limit=90, time_limit=120)
def render(report_id: str) -> None:
    actions.render_report(report_id)


@shared_task(name="reports.sweep")
def sweep() -> None:
    actions.sweep()


@shared_task(name="reports.tidy")
def tidy() -> None:
    actions.tidy()
