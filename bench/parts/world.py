"""An empty installation in a folder of its own, and requests without a network."""

import io
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import django


def set_up(urlconf: str = "bench.parts.urls") -> None:
    """Django on the database that the environment names, migrated."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.core.signals import request_finished, request_started
    from django.db import close_old_connections

    settings.ROOT_URLCONF = urlconf
    settings.ALLOWED_HOSTS = ["*"]
    for signal in (request_started, request_finished):
        # One connection for the whole run, as a pool would give.
        signal.disconnect(close_old_connections)
    call_command("migrate", interactive=False, verbosity=0)


class Visitor:
    """Calls the WSGI application as gunicorn does: somebody signed in, with a token or a link."""

    def __init__(self, *, user: Any = None, token: str = "", link: str = "") -> None:
        from django.core.handlers.wsgi import WSGIHandler

        self._app = WSGIHandler()
        self._headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}
        if user is not None or link:
            self._headers["HTTP_COOKIE"] = self._cookies(user, link)
            self._headers["HTTP_X_CSRFTOKEN"] = "b" * 32

    @staticmethod
    def _cookies(user: Any, link: str) -> str:
        from django.conf import settings
        from django.test import Client

        client = Client(SERVER_NAME="127.0.0.1")
        if link:
            name = "candidate"
            client.post(f"/c/{link}/")
        else:
            name = settings.SESSION_COOKIE_NAME
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return f"{name}={client.cookies[name].value}; csrftoken={'b' * 32}"

    def call(self, path: str, body: bytes | Mapping[str, str] | None = None) -> bytes:
        """The body of the answer, which must be 200; a mapping is sent as a form."""
        path, _, query = path.partition("?")
        kind = "application/json"
        if isinstance(body, Mapping):
            body, kind = urlencode(body).encode(), "application/x-www-form-urlencoded"
        environ = {
            "REQUEST_METHOD": "GET" if body is None else "POST",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(body or b"")),
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_X_AUTOSAVE": "1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body or b""),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            **self._headers,
        }
        told: list[str] = []
        answer = self._app(environ, lambda status, headers, *_: told.append(status))
        content = b"".join(answer)
        answer.close()
        assert told[0].startswith("200"), f"{path}: {told[0]} {content[:300]!r}"
        return content

    def queries(self, path: str, body: bytes | Mapping[str, str] | None = None) -> list[str]:
        """The SQL of one request."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as seen:
            self.call(path, body)
        return [row["sql"] for row in seen.captured_queries]
