"""Start-up checks: an unguarded URL does not start."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.rules import TABLE

# Other packages' URLs, guarded by themselves; tests/test_access.py walks them too.
FOREIGN = ("allauth.", "drf_spectacular.", "django.")


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the site with its full pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def rule_of(pattern: URLPattern) -> str | None:
    """The row of the access table a route stands in."""
    view = pattern.callback
    return getattr(
        getattr(view, "view_class", getattr(view, "cls", view)), "rule", None
    ) or getattr(view, "rule", None)


@register()
def every_url_is_guarded(**kwargs: object) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for route, pattern in routes():
        if pattern.callback.__module__.startswith(FOREIGN):
            continue
        if rule_of(pattern) not in TABLE:
            found.append(
                Error(
                    f"/{route} is in no row of accounts.rules.TABLE.",
                    hint="Mark its view with @guarded('resource.action').",
                    id="plumbline.E001",
                )
            )
    return found
