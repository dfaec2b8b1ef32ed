from celery import shared_task

from exercises.actions.packs import forget_packs


@shared_task(name="exercises.tidy")
def tidy() -> None:
    forget_packs()
