"""Whether this process lives (healthz) and could do work now (readyz)."""

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.rules import guarded


@guarded("frame.public")
def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@guarded("frame.public")
def readyz(request: HttpRequest) -> HttpResponse:
    parts = {"database": _database(), "queue": _queue()}
    is_ready = all(part == "ok" for part in parts.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", **parts}, status=200 if is_ready else 503
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _queue() -> str:
    if not settings.REDIS_URL:
        return "ok" if settings.SPOOL_DIR.parent.is_dir() else "unreachable"
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
    try:
        policy = client.config_get("maxmemory-policy")["maxmemory-policy"]
    except redis.RedisError:
        return "unreachable"
    return "ok" if policy == "noeviction" else "maxmemory-policy must be noeviction"
