import os

from celery import Celery

from lib import spool

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
spool.register()

app = Celery("plumbline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
