"""Strings that people of ill will write, and how to tell that a page made nothing of them."""

import re
from html.parser import HTMLParser
from typing import Any

# The result is too long to stand in a page by chance, as part of a hash or a token.
CALCULATION, CALCULATED = "{{ 7|add:420000000000 }}", "420000000007"
STRINGS = (
    "<script>alert(1)</script>",
    "</svg><img src=x onerror=alert(1)>",
    "</textarea></template></title><svg onload=alert(1)><style>*{display:none}</style>",
    "[here](javascript:alert(1)) <a href='javascript:alert(1)'>x</a> javascript:alert(1)",
    "\u202egnp.exe\u202c \u2066x\u2069",
    f"{CALCULATION}{{% debug %}}",
    '" hx-on:click="alert(1)" hx-get="https://evil.example/" onfocus="alert(1)" autofocus x="',
    "' onmouseover='alert(1)",
    '=HYPERLINK("https://evil.example/","x")',
    "\u0645\u0631\u062d\u0628\u0627 \u200b\u200d\ufeff zero width",
    "W" * 2_000,
    "&lt;script&gt; &#60;b&#62; ]]> --> <!-- \\u003cscript\\u003e",
)
EVERY = "\n".join(STRINGS)
LINE = " ".join(STRINGS[:9])
# No database keeps the first two; the third is more than any field takes.
UNFIT = ("nul \0 byte", "half \ud800 sign", "x" * 1_000_001)

_scheme = re.compile(r"[\s\x00-\x20]*(javascript|data|vbscript):", re.IGNORECASE)
_FOREIGN = frozenset({"img", "iframe", "object", "embed", "style", "base", "frame", "applet"})
_ADDRESSES = frozenset({"href", "src", "action", "formaction", "srcdoc", "xlink:href", "data"})


class _Reader(HTMLParser):
    """What a browser would do because of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if tag in _FOREIGN or (tag == "script" and not (given.get("src") or "").startswith("/")):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith(("on", "hx-on")) or name == "style":
                self.found.append(f"{tag} {name}={value!r}")
            if name in _ADDRESSES and _scheme.match(value or ""):
                self.found.append(f"{tag} {name}={value!r}")
            if name.startswith("hx-") and "evil.example" in (value or ""):
                self.found.append(f"{tag} {name}={value!r}")


def assert_inert(html: str, where: object = "") -> str:
    """Nothing of STRINGS runs, loads or is calculated; the page, for what else is asked of it."""
    reader = _Reader()
    reader.feed(html)
    assert not reader.found, f"{where}: {reader.found[:5]}"
    assert CALCULATED not in html, where
    assert "\0" not in html, where
    return html
