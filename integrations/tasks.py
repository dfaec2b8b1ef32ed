from celery import shared_task

from integrations.actions import forget_files


@shared_task(name="integrations.tidy")
def tidy() -> None:
    forget_files()
