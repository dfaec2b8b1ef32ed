"""Nothing from elsewhere, nothing inline, small enough, and vendored as recorded."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted(
    p
    for p in (ROOT / "templates").rglob("*.html")
    if p.relative_to(ROOT / "templates").parts[0] not in {"emails", "reports"}
)
OWN_JS = [STATIC / "app.js", *sorted((STATIC / "js").glob("*.js"))]
# What one page loads at most: every page the first, and one of the heavy pages on top.
ALWAYS = {"app.js", "theme.js"}
HTMX = next(VENDOR.glob("htmx-*.min.js")).name
# The scorecard does without htmx: it fetches its one dialog itself.
HEAVY_PAGES = [
    {"autosave.js", "scorecard.js", "catch.js"},
    {"autosave.js", "comments.js", HTMX},
    {"autosave.js", "authoring.js", HTMX},
]
ASSET = re.compile(
    r"""<(?:script|img|iframe|source|audio|video)\b[^>]*\bsrc=["']\s*(?:https?:)?//"""
    r"""|<link\b[^>]*\bhref=["']\s*(?:https?:)?//""",
    re.IGNORECASE,
)
INLINE = re.compile(r"""<[a-z][^<>]*?\s(style|on[a-z]+|hx-on[:a-z-]*)\s*=\s*["']""", re.IGNORECASE)
INLINE_BLOCK = re.compile(r"<style\b|<script(?![^>]*\bsrc=)", re.IGNORECASE)
TAG = re.compile(r"\{[%#].*?[%#]\}", re.DOTALL)


def zipped(*paths: Path) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


@pytest.mark.parametrize("path", TEMPLATES, ids=names(TEMPLATES))
def test_templates_hold_nothing_foreign_and_nothing_inline(path: Path) -> None:
    text = TAG.sub("", path.read_text())

    assert not ASSET.search(text)
    assert not INLINE.search(text)
    assert not INLINE_BLOCK.search(text)
    assert "hx-vals='js:" not in text


@pytest.mark.parametrize(
    "path", [STATIC / "app.css", *OWN_JS], ids=names([STATIC / "app.css", *OWN_JS])
)
def test_own_assets_name_no_other_origin(path: Path) -> None:
    assert not re.search(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}/", path.read_text())
    assert "eval(" not in path.read_text()


def test_style_sheet_uses_logical_properties_only() -> None:
    lines = (STATIC / "app.css").read_text().splitlines()
    # Code, SQL and ids stay left to right in every language, so these may say left and right.
    left_to_right = re.compile(r"\s*\.(code|ln|src|line|diff)\b")
    css = "\n".join(line for line in lines if not left_to_right.match(line))

    found = re.findall(r"\b(?:margin|padding|border)-(?:left|right|top|bottom)\b|float:", css)

    assert found == []


def test_style_sheet_fits_its_budget() -> None:
    assert zipped(STATIC / "app.css") <= 16 * 1024


@pytest.mark.parametrize("page", HEAVY_PAGES, ids=["scorecard", "workspace", "authoring"])
def test_scripts_of_a_page_fit_their_budget(page: set[str]) -> None:
    loaded = [path for path in [*OWN_JS, VENDOR / HTMX] if path.name in ALWAYS | page]

    assert len(loaded) == len(ALWAYS | page)
    assert zipped(*loaded) <= 30 * 1024


def test_the_sql_page_fits_its_budget_and_loads_the_editor_late() -> None:
    own = [path for path in OWN_JS if path.name in ALWAYS | {"autosave.js", "ddl.js"}]
    [editor] = VENDOR.glob("codemirror-*.min.js")
    text = (STATIC / "js/ddl.js").read_text()

    assert zipped(next(VENDOR.glob("htmx-*.min.js")), *own) <= 30 * 1024
    assert zipped(editor, next(VENDOR.glob("htmx-*.min.js")), *own) <= 170 * 1024
    assert editor.name in (ROOT / "templates/workspace/design.html").read_text()
    assert "requestAnimationFrame" in text
    assert "indentWithTab" not in text


def test_first_view_fonts_fit_their_budget() -> None:
    fonts = VENDOR / "fonts"
    first = [fonts / "inter-latin.woff2", fonts / "inter-latin-a.woff2"]
    code = [fonts / "inter-latin.woff2", fonts / "jetbrains-mono-latin.woff2"]

    for page in (first, code):
        assert sum(path.stat().st_size for path in page) <= 100 * 1024


def test_vendored_files_are_the_recorded_ones() -> None:
    recorded = json.loads((VENDOR / "manifest.json").read_text())
    files = [p for p in VENDOR.rglob("*") if p.is_file() and p.name != "manifest.json"]

    found = {
        p.relative_to(VENDOR).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }

    assert found == recorded


def test_lockfile_names_no_registry() -> None:
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text())

    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for path, package in lock["packages"].items() if path)


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text()))
    used = {
        name
        for path in TEMPLATES
        for name in re.findall(r'\{%\s*icon\s+"([^"]+)"', path.read_text())
    }

    assert used - sprite == set()
