"""Text of strangers: what is refused, what is stripped, what cannot become HTML."""

import time

import pytest

from lib.markup import MARKDOWN_LIMIT, clean_text, render_markdown, visible_bidi


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b", "\udfff"])
def test_nul_and_lone_surrogates_are_refused_with_a_sentence(bad: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be stored\."):
        clean_text(bad)
    with pytest.raises(ValueError, match="cannot be stored"):
        render_markdown(bad)


def test_other_controls_go_and_everything_else_stays() -> None:
    kept = "tab\t line\n return\r Ærø – 😀 \u202e"
    assert clean_text(f"\x01{kept}\x1b\x7f\x0b\x0c") == kept


def test_bidi_controls_are_written_out() -> None:
    assert visible_bidi("a\u202eb\u2066c\u061c") == "a[U+202E]b[U+2066]c[U+061C]"
    assert visible_bidi("عربي ok") == "عربي ok"


def test_markdown_has_the_usual_things() -> None:
    html = render_markdown("# Title\n\nTwo\n---\n\n**b** *i* ~~s~~ `c`\n\n3. x\n\n|a|\n|-|\n|1|\n")
    for part in (
        *("<h3>Title</h3>", "<h4>Two</h4>", "<strong>b</strong>", "<em>i</em>", "<s>s</s>"),
        *("<code>c</code>", '<ol start="3">', "<td>1</td>"),
    ):
        assert part in html


def test_headings_start_below_the_page_and_end_at_six() -> None:
    assert render_markdown("###### deep") == "<h6>deep</h6>\n"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,xxxx)",
        "[x](vbscript:x)",
        '[x](https://a.example "t\\" onclick=\\"x")',
        "<javascript:alert(1)>",
        "|a|\n|:-:|\n|<td colspan=100000>|",
        "```js onload=x\n</code><script>\n```",
    ],
)
def test_nothing_gets_out_of_its_place(text: str) -> None:
    html = render_markdown(text)
    for never in (
        *("<script", "<img", ' onclick="', "<td colspan", "style=", "class="),
        *('href="java', 'href="data', 'href="vb'),
    ):
        assert never not in html


def test_links_do_not_vouch() -> None:
    html = render_markdown("[a](https://example.org)")
    assert html == (
        '<p><a href="https://example.org" rel="noopener noreferrer nofollow">a</a></p>\n'
    )


def test_bidi_in_code_is_visible_and_in_prose_is_not_touched() -> None:
    html = render_markdown("a\u200fb `x\u202ey`\n\n```\nz\u2067\n```\n")
    assert "a\u200fb" in html
    assert "x[U+202E]y" in html
    assert "z[U+2067]" in html


def test_length_is_counted_in_bytes() -> None:
    render_markdown("a" * MARKDOWN_LIMIT)
    with pytest.raises(ValueError, match="20 KB"):
        render_markdown("ä" * (MARKDOWN_LIMIT // 2 + 1))


@pytest.mark.parametrize(
    "part", ["[", ">", "*a ", "_", "`a", "- ", "[a](", "![[", "**x", "&", "<", "~~a", "a\n"]
)
def test_hostile_text_costs_little(part: str) -> None:
    before = time.process_time()
    render_markdown(part * (MARKDOWN_LIMIT // len(part)))
    assert time.process_time() - before < 5
