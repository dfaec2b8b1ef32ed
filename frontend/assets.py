"""Turns frontend/node_modules into static/vendor: sprite, PDF fonts, licences, manifest."""

import hashlib
import json
import re
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

# Latin, Latin Extended, Vietnamese, Greek, punctuation, currency, arrows, the reports' signs.
PDF_UNICODES = (
    "U+0020-007E,U+00A0-024F,U+0259,U+02B0-02FF,U+0300-036F,U+0370-03FF,U+1E00-1EFF,"
    "U+2000-206F,U+2070-209F,U+20A0-20BF,U+2113,U+2116,U+2122,U+2190-2193,U+2212,U+2215,"
    "U+2248,U+2260,U+2264,U+2265,U+25A0-25CF,U+2713,U+2717,U+FEFF,U+FFFD"
)
PDF_FONTS = {
    "Inter-Regular.ttf": "inter-ui/web/Inter-Regular.woff2",
    "Inter-Medium.ttf": "inter-ui/web/Inter-Medium.woff2",
    "Inter-SemiBold.ttf": "inter-ui/web/Inter-SemiBold.woff2",
    "JetBrainsMono-Regular.ttf": "jetbrains-mono/fonts/webfonts/JetBrainsMonoNL-Regular.woff2",
}
# Names of Central Europe and Turkey are on most pages; the rest of Latin Extended (85 KB) is not.
LATIN_A = "U+0100-0130,U+0132-0151,U+0154-017F,U+0192,U+0218-021B,U+1E9E"
LICENCES = {
    "htmx.org": "LICENSE",
    # What esbuild takes into the editor's bundle.
    "@codemirror/autocomplete": "LICENSE",
    "@codemirror/commands": "LICENSE",
    "@codemirror/lang-sql": "LICENSE",
    "@codemirror/language": "LICENSE",
    "@codemirror/lint": "LICENSE",
    "@codemirror/state": "LICENSE",
    "@codemirror/view": "LICENSE",
    "@lezer/common": "LICENSE",
    "@lezer/highlight": "LICENSE",
    "@lezer/lr": "LICENSE",
    "@marijn/find-cluster-break": "LICENSE",
    "crelt": "LICENSE",
    "style-mod": "LICENSE",
    "w3c-keyname": "LICENSE",
    "lucide-static": "LICENSE",
    "@fontsource-variable/inter": "LICENSE",
    "@fontsource-variable/jetbrains-mono": "LICENSE",
    "inter-ui": "LICENSE.txt",
    "jetbrains-mono": "LICENSE",
}


def sprite(modules: Path, names: list[str]) -> str:
    symbols = []
    for name in names:
        source = (modules / "lucide-static/icons" / f"{name}.svg").read_text()
        inner = re.search(r"<svg[^>]*>(.*)</svg>", source, re.DOTALL).group(1)
        inner = re.sub(r"\s*\n\s*", "", inner).replace(" />", "/>")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'


def web_subset(source: Path, target: Path, unicodes: str) -> None:
    font = TTFont(source, recalcTimestamp=False)
    subsetter = subset.Subsetter(subset.Options(layout_features=["*"], recalc_timestamp=False))
    subsetter.populate(unicodes=subset.parse_unicodes(unicodes))
    subsetter.subset(font)
    font.flavor = "woff2"
    font.save(target)


def pdf_font(source: Path, target: Path) -> None:
    options = subset.Options(
        hinting=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17],
        layout_features=["ccmp", "locl", "mark", "mkmk", "kern", "tnum", "calt"],
        recalc_timestamp=False,
    )
    font = TTFont(source, recalcTimestamp=False)
    font.flavor = None
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(PDF_UNICODES))
    subsetter.subset(font)
    font.save(target)


def licences(modules: Path) -> str:
    parts = []
    for package, file in LICENCES.items():
        version = json.loads((modules / package / "package.json").read_text())["version"]
        text = (modules / package / file).read_text().strip()
        parts.append(f"=== {package} {version} ===\n\n{text}\n")
    return "\n".join(parts)


def manifest(vendor: Path) -> str:
    files = sorted(p for p in vendor.rglob("*") if p.is_file() and p.name != "manifest.json")
    sums = {
        p.relative_to(vendor).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }
    return json.dumps(sums, indent=2) + "\n"


def main() -> None:
    frontend, vendor = Path(sys.argv[1]), Path(sys.argv[2])
    modules = frontend / "node_modules"
    names = (frontend / "icons.txt").read_text().split()
    (vendor / "icons.svg").write_text(sprite(modules, names))
    inter = modules / "@fontsource-variable/inter/files"
    web_subset(
        inter / "inter-latin-ext-wght-normal.woff2", vendor / "fonts/inter-latin-a.woff2", LATIN_A
    )
    (vendor / "pdf").mkdir(exist_ok=True)
    for target, source in PDF_FONTS.items():
        pdf_font(modules / source, vendor / "pdf" / target)
    (vendor / "LICENSES.txt").write_text(licences(modules))
    (vendor / "manifest.json").write_text(manifest(vendor))


if __name__ == "__main__":
    main()
