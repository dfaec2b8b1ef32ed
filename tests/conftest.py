"""What every test outside tests/e2e stands on: its own folder, its own cache, work done at once."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.cache import cache

# Before Django opens anything: two runs in one work tree, and the workers of one run, must not
# meet in var/.
ROOT = Path(tempfile.mkdtemp(prefix="plumbline-test-"))
atexit.register(shutil.rmtree, ROOT, ignore_errors=True)
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


def redis_database(number: int) -> str:
    """Each xdist worker has two Redis databases of its own: queue and cache."""
    return urlunsplit(urlsplit(settings.REDIS_URL)._replace(path=f"/{2 * WORKER + number}"))


settings.VAR_DIR = ROOT
settings.SPOOL_DIR = ROOT / "spool"
settings.MEDIA_ROOT = ROOT / "media"
settings.STATIC_ROOT = ROOT / "static"
settings.STATIC_ROOT.mkdir()  # WhiteNoise warns when it is missing
if not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
    settings.DATABASES["default"]["TEST"]["NAME"] = ROOT / "test.sqlite3"
if settings.REDIS_URL:
    settings.CELERY_BROKER_URL = redis_database(0)
    settings.CACHES["default"]["LOCATION"] = redis_database(1)
else:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {
        "folder": str(ROOT / "spool"),
        "polling_interval": 0.02,
    }
    settings.CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
settings.CELERY_TASK_ALWAYS_EAGER = True
settings.CELERY_TASK_EAGER_PROPAGATES = True
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Sign-in limits and the like start at zero in every test."""
    cache.clear()
