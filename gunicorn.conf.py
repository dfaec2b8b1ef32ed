"""Read by gunicorn by itself. What it logs goes past Django's logging and its filters."""

from typing import Any

from lib.logs import ScrubLinks


def on_starting(server: Any) -> None:
    """The access log names addresses, and some of them are secrets."""
    server.log.access_log.addFilter(ScrubLinks())
