from celery import shared_task

from exercises.actions import forget_packs


@shared_task(name="exercises.tidy")
def tidy() -> None:
    forget_packs()
