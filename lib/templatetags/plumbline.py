"""Template tags that belong to no app."""

import re

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

_name = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@register.simple_tag
def icon(name: str) -> SafeString:
    """A symbol of the sprite, for the eye only: words beside it or on the button say the same."""
    if not _name.fullmatch(name):
        raise ValueError(f"not the name of an icon: {name!r}")
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("vendor/icons.svg"),
        name,
    )
