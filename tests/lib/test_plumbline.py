"""The icon tag."""

import pytest
from django.template import Context, Template

SOURCE = "{% load plumbline %}{% icon name %}"


def test_icon_points_into_the_sprite_and_is_silent() -> None:
    html = Template(SOURCE).render(Context({"name": "arrow-up-2"}))
    assert html.startswith('<svg class="icon" aria-hidden="true"><use href="')
    assert html.endswith('.svg#arrow-up-2"></use></svg>')
    assert "vendor/icons" in html


def test_a_name_that_is_none_is_refused() -> None:
    for bad in ('x" onload="y', "", "../x", "Upper"):
        with pytest.raises(ValueError, match="not the name of an icon"):
            Template(SOURCE).render(Context({"name": bad}))
