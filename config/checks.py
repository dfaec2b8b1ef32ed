"""Start-up checks: an unguarded URL does not start."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.rules import TABLE
from lib.rest.views import ApiView

# Other packages' URLs, guarded by themselves; tests/test_access.py walks them too.
FOREIGN = ("allauth.", "django.")


def routes(patterns: list[Any] | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the site with its full pattern."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix + str(pattern.pattern), pattern


def operations_of(pattern: URLPattern) -> dict[str, str]:
    """Of an API route: the row of the access table by method."""
    view = getattr(pattern.callback, "cls", None)
    if not (isinstance(view, type) and issubclass(view, ApiView)):
        return {}
    return {
        method: view.operations[method].rule if method in view.operations else ""
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if hasattr(view, method.lower()) or method in view.operations
    }


def rules_of(pattern: URLPattern) -> list[str]:
    """The rows of the access table a route stands in; an empty name where one is missing."""
    view = pattern.callback
    if operations := operations_of(pattern):
        return list(operations.values())
    return [
        getattr(getattr(view, "view_class", None), "rule", None)
        or getattr(view, "rule", None)
        or ""
    ]


def rule_of(pattern: URLPattern) -> str | None:
    """The row of the access table a page's route stands in."""
    return rules_of(pattern)[0] or None


@register()
def every_url_is_guarded(**kwargs: object) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for route, pattern in routes():
        if pattern.callback.__module__.startswith(FOREIGN):
            continue
        if not all(rule in TABLE for rule in rules_of(pattern)):
            found.append(
                Error(
                    f"/{route} is in no row of accounts.rules.TABLE.",
                    hint="Mark its view with @guarded('resource.action'), or each method of an "
                    "ApiView with an Operation.",
                    id="plumbline.E001",
                )
            )
    return found
