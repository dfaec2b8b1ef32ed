"""Code as lines: safe, coloured by classes, never a line more or less."""

import re

import pytest

from lib.code import HIGHLIGHT_LIMIT, LANGUAGES, code_lines, highlight_lines, language_of


def text_of(html: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'")):
        html = html.replace(entity, char)
    return html.replace("&amp;", "&")


def without_spans(html: str) -> str:
    return re.sub(r'<span class="[a-z]+">|</span>', "", html)


SAMPLE = '@dec\ndef f(x):\n    """Two\n    lines <b>"""\n    return x < 1 & 2  # no\n\n\n'


def test_one_item_per_line_and_spans_close_on_their_line() -> None:
    lines = highlight_lines(SAMPLE, "python")
    assert len(lines) == len(code_lines(SAMPLE)) == 7
    for html, plain in zip(lines, code_lines(SAMPLE), strict=True):
        assert html.count("<span") == html.count("</span>")
        assert text_of(without_spans(html)) == plain
    assert lines[0] == '<span class="nd">@dec</span>'
    assert lines[2].endswith('<span class="s">&quot;&quot;&quot;Two</span>')
    assert '<span class="s">    lines &lt;b&gt;' in lines[3]
    assert lines[4].endswith('<span class="c"># no</span>')


@pytest.mark.parametrize("language", sorted(set(LANGUAGES.values())))
@pytest.mark.parametrize(
    "source",
    ["", "\n", "\n\na\n", "a", "a\r\nb\rc\n", "x\x0cy\u2028z\n", "'", '"""\n<&>\n', "/*\n"],
)
def test_every_language_keeps_lines_and_text(language: str, source: str) -> None:
    lines = highlight_lines(source, language)
    assert [text_of(without_spans(line)) for line in lines] == code_lines(source)


def test_lines_are_counted_as_editors_do() -> None:
    assert code_lines("") == []
    assert code_lines("a\n") == ["a"]
    assert code_lines("a\n\n") == ["a", ""]
    assert code_lines("a\x0cb\u2028c") == ["a\x0cb\u2028c"]


def test_markup_in_code_stays_text() -> None:
    for language in ("html", "python", "unknown"):
        for line in highlight_lines("<script>alert('x')</script>\n", language):
            assert "<script" not in line
            assert "style=" not in line


def test_long_or_unknown_code_is_plain() -> None:
    long = "x = 1\n" * (HIGHLIGHT_LIMIT // 6 + 1)
    assert highlight_lines(long, "python")[0] == "x = 1"
    assert highlight_lines("x = 1 < 2", "klingon") == ["x = 1 &lt; 2"]


def test_bidi_controls_are_visible() -> None:
    for language in ("python", ""):
        assert "[U+202E]" in "".join(highlight_lines("a = 1 # \u202e\n", language))


def test_a_file_name_tells_its_language() -> None:
    assert language_of("src/Main.PY") == "python"
    assert language_of("a/b.test.ts") == "typescript"
    assert language_of("LICENSE") == ""
