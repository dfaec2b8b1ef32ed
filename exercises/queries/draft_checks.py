"""What an exercise being written still lacks, and which marks of a good one it misses, in words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exercises import authoring
from exercises.baseline import read_baseline
from exercises.folder_check import CRITIQUE_KINDS, DESIGN_KINDS, GRADES
from lib.code import code_lines
from lib.markup import MARKDOWN_LIMIT

LINES_A_MINUTE = 15
GIVES_AWAY = re.compile(r"\b(TODO|FIXME|XXX|HACK|BUG)\b", re.IGNORECASE)
FLAW = ("file", "severity", "category", "level", "title", "harm", "found_when")
NEEDED: dict[str, tuple[str, ...]] = {
    "flaw": FLAW,
    "decoy": ("file", "title", "why_fine"),
    "expect": ("title", "level", "found_when"),
    "question": ("ask",),
    "probe": ("ask", "listens_for"),
}


@dataclass(frozen=True)
class Note:
    """One sentence of the panel "Before publishing", and where to go for it."""

    text: str
    part: str
    anchor: str = ""

    @property
    def uid(self) -> str:
        """Of the item it is about, so that the page opens it."""
        return self.anchor.partition("-")[2]

    @property
    def target(self) -> str:
        is_field = self.part in {"facts", "brief"}
        return f"f-{self.anchor}" if is_field else self.anchor


def label(key: str) -> str:
    return {
        "id": _("Id"),
        "file": _("File"),
        "lines": _("Lines"),
        "severity": _("Severity"),
        "category": _("Category"),
        "level": _("From level"),
        "contextual": _("Only who read the brief can see it"),
        "title": _("Title"),
        "harm": _("Harm"),
        "found_when": _("Counts as found when"),
        "why_fine": _("Why it is fine"),
        "weight": _("Weight, 1 to 10"),
        "why": _("Why it matters"),
        "ask": _("Question"),
        "answer": _("Answer"),
        "listens_for": _("Listen for"),
        "red_flags": _("Red flags, one a line"),
        "follow_ups": _("Follow-ups, one a line"),
        "criteria": _("Criteria"),
        "about": _("About"),
        "path": _("File name"),
        "text": _("Text"),
    }[key]


def missing(values: Mapping[str, Any], kind: str) -> list[Note]:
    """What publishing would refuse."""
    found = [*_facts(values), *_files(values, kind)]
    for group in authoring.groups_of(kind):
        for number, uid in enumerate(authoring.uids(values, group), 1):
            found += _item(values, kind, group, uid, f"{authoring.CODES[group]}{number}")
    return [*found, *_enough(values, kind), *_same_ids(values, kind)]


def _facts(values: Mapping[str, Any]) -> Iterator[Note]:
    said = {
        "title": _("Give it a title."),
        "levels": _("Choose the levels it is meant for."),
        "ai_policy": _("Say whether an AI may be used."),
        "skills": _("Choose the skills it screens for."),
        "criteria": _("Choose the criteria that an interviewer can see in it."),
    }
    for name, words in said.items():
        if not values.get(name):
            yield Note(words, "facts", name)
    if not str(values.get("minutes") or "").strip().isdecimal() or not 5 <= _minutes(values) <= 240:
        yield Note(
            _("The time box is a whole number of minutes from 5 to 240."), "facts", "minutes"
        )
    if values.get("title") and not authoring.SLUG.fullmatch(authoring.slug_of(values)):
        words = _("The short name has small letters, digits and single hyphens only.")
        yield Note(words, "facts", "slug")
    if len(values.get("criteria") or ()) > 6:
        yield Note(_("Choose at most six criteria."), "facts", "criteria")
    brief = str(values.get("brief") or "")
    if not brief.strip():
        yield Note(_("Write the brief."), "brief", "brief")
    elif len(brief.encode()) > MARKDOWN_LIMIT:
        yield Note(_("The brief is longer than 20 KB. Shorten it."), "brief", "brief")


def _minutes(values: Mapping[str, Any]) -> int:
    minutes = str(values.get("minutes") or "").strip()
    return int(minutes) if minutes.isdecimal() else 0


def _files(values: Mapping[str, Any], kind: str) -> Iterator[Note]:
    paths = {
        group: [authoring.of(values, group, uid, "path") for uid in authoring.uids(values, group)]
        for group in authoring.FILES
    }
    for group, names in paths.items():
        for number, uid in enumerate(authoring.uids(values, group)):
            path, anchor = names[number], f"{group}-{uid}"
            named = {"path": path}
            if not authoring.is_path(path):
                yield Note(_name_wanted(path), "files", anchor)
            elif path in names[:number] or any(one.startswith(f"{path}/") for one in names):
                yield Note(_("Two files are called “%(path)s”.") % named, "files", anchor)
            if authoring.too_large(authoring.of(values, group, uid, "text")):
                yield Note(_("File “%(path)s” is too large.") % named, "files", anchor)
    if kind in CRITIQUE_KINDS and paths["reference"]:
        for path in sorted({*paths["artefact"]} - {*paths["reference"]}):
            words = _(
                "The reference lacks “%(path)s”: keep the same files there, or remove it all."
            )
            yield Note(words % {"path": path}, "files", "reference")


def _name_wanted(path: str) -> str:
    if not path:
        return _("Name the file, such as shop/views.py.")
    return _("File “%(path)s”: give it a name like shop/views.py.") % {"path": path}


def _item(values: Mapping[str, Any], kind: str, group: str, uid: str, code: str) -> Iterator[Note]:
    part, anchor = ("probes" if group == "probe" else "key"), f"{group}-{uid}"
    needed = NEEDED[group]
    if group == "question" and kind not in DESIGN_KINDS:
        needed = ("ask", "listens_for")
    lacks = [label(key) for key in needed if not str(authoring.of(values, group, uid, key)).strip()]
    if lacks:
        words = _("%(code)s lacks: %(what)s.") % {"code": code, "what": ", ".join(lacks)}
        yield Note(words, part, anchor)
    if group in authoring.MARKS:
        yield from _place(values, group, uid, code)
    weight = authoring.of(values, group, uid, "weight")
    if group == "expect" and not (weight.isdecimal() and 1 <= int(weight) <= 10):
        yield Note(
            _("%(code)s: the weight is a number from 1 to 10.") % {"code": code}, part, anchor
        )
    name = authoring.of(values, group, uid, "id")
    if name and not authoring.SLUG.fullmatch(name):
        words = _("%(code)s: an id has small letters, digits and single hyphens only.")
        yield Note(words % {"code": code}, part, anchor)


def _place(values: Mapping[str, Any], group: str, uid: str, code: str) -> Iterator[Note]:
    file, anchor = authoring.of(values, group, uid, "file"), f"{group}-{uid}"
    lines = authoring.parse_lines(authoring.of(values, group, uid, "lines"))
    named = {"code": code, "path": authoring.of(values, "artefact", file, "path")}
    if file and file not in authoring.uids(values, "artefact"):
        yield Note(_("%(code)s: its file was removed.") % named, "key", anchor)
    elif authoring.of(values, group, uid, "lost"):
        words = _("%(code)s: its lines are no longer in %(path)s. Mark them again.")
        yield Note(words % named, "key", anchor)
    elif file:
        count = len(code_lines(authoring.of(values, "artefact", file, "text")))
        if not lines or not all(1 <= first <= last <= count for first, last in lines):
            named["n"] = str(count)
            words = _("%(code)s: lines such as 15-18, within 1 to %(n)s of %(path)s.")
            yield Note(words % named, "key", anchor)


def _enough(values: Mapping[str, Any], kind: str) -> Iterator[Note]:
    if kind in CRITIQUE_KINDS:
        if not authoring.uids(values, "artefact"):
            yield Note(_("Add the file that is judged."), "files", "artefacts")
        if not authoring.uids(values, "flaw"):
            yield Note(_("Mark at least one flaw."), "key", "marks")
        return
    if kind in DESIGN_KINDS and not authoring.uids(values, "expect"):
        yield Note(_("Say at least one point that a strong answer contains."), "key", "expects")
    needs_questions = kind not in DESIGN_KINDS or kind == "data_model"
    if needs_questions and not authoring.uids(values, "question"):
        yield Note(_("Write at least one question."), "key", "questions")


def _same_ids(values: Mapping[str, Any], kind: str) -> Iterator[Note]:
    named = [name for name in authoring.ids(values, kind).values() if name]
    for name in sorted({name for name in named if named.count(name) > 1}):
        yield Note(_("Two items have the id “%(id)s”.") % {"id": name}, "key", "marks")


# --- the marks of a good exercise, where they can be counted


def warnings(values: Mapping[str, Any], kind: str) -> list[Note]:
    found = [*_time(values, kind), *_gives_away(values)]
    if kind in CRITIQUE_KINDS and authoring.uids(values, "flaw"):
        found += [*_contextual(values), *_spread(values), *_length(values)]
    levels = [
        level
        for level in values.get("levels") or ()
        if not all(str(values.get(f"answer:{level}:{grade}") or "").strip() for grade in GRADES)
    ]
    if levels:
        words = _("Sample answers are missing for: %(levels)s. They let two people score alike.")
        found.append(Note(words % {"levels": ", ".join(levels)}, "answers"))
    baseline = str(values.get("baseline") or "")
    if baseline.strip() and read_baseline(baseline) is None:
        words = _(
            "What an AI assistant found has no line that the library can show: write "
            "“Found 7 of 9, partly 1, false alarms 2. 2026-11-28.”"
        )
        found.append(Note(words, "answers"))
    return found


def _contextual(values: Mapping[str, Any]) -> Iterator[Note]:
    flaws = authoring.uids(values, "flaw")
    contextual = sum(bool(authoring.of(values, "flaw", uid, "contextual")) for uid in flaws)
    if contextual < 2:
        words = ngettext(
            "%(n)s flaw needs the brief to be seen; have two, an assistant finds the rest.",
            "%(n)s flaws need the brief to be seen; have two, an assistant finds the rest.",
            contextual,
        )
        yield Note(words % {"n": contextual}, "key", "marks")
    if not authoring.uids(values, "decoy"):
        yield Note(_("No decoy: mark a line that looks wrong and is right here."), "key", "marks")


def _spread(values: Mapping[str, Any]) -> Iterator[Note]:
    given = [
        authoring.of(values, "flaw", uid, "severity") for uid in authoring.uids(values, "flaw")
    ]
    counts = {name: given.count(name) for name in ("critical", "major", "minor")}
    if not 1 <= counts["critical"] <= 2 or counts["major"] < 3 or not counts["minor"]:
        words = _(
            "Severities: %(critical)s critical, %(major)s major, %(minor)s minor. "
            "One or two critical, three or four major and a few minor ones tell people apart."
        )
        yield Note(words % counts, "key", "marks")


def _length(values: Mapping[str, Any]) -> Iterator[Note]:
    lines = _lines(values)
    if not 40 <= lines <= 150:
        words = ngettext(
            "%(n)s line to judge; 40 to 150 read like real work.",
            "%(n)s lines to judge; 40 to 150 read like real work.",
            lines,
        )
        yield Note(words % {"n": lines}, "files", "artefacts")


def _gives_away(values: Mapping[str, Any]) -> Iterator[Note]:
    for uid in authoring.uids(values, "artefact"):
        for number, line in enumerate(code_lines(authoring.of(values, "artefact", uid, "text")), 1):
            if word := GIVES_AWAY.search(line):
                named = {
                    "word": word[0],
                    "line": number,
                    "path": authoring.of(values, "artefact", uid, "path"),
                }
                words = _("“%(word)s” in line %(line)s of %(path)s gives something away.")
                yield Note(words % named, "files", f"artefact-{uid}")
                break


def _lines(values: Mapping[str, Any]) -> int:
    uids = authoring.uids(values, "artefact")
    return sum(len(code_lines(authoring.of(values, "artefact", uid, "text"))) for uid in uids)


def time_needed(values: Mapping[str, Any], kind: str) -> tuple[int, int]:
    """Minutes to read it and to write: one for each flaw, two for each point or question."""
    lines = _lines(values) + len(code_lines(str(values.get("brief") or "")))
    items = {group: len(authoring.uids(values, group)) for group in authoring.groups_of(kind)}
    writing = items.get("flaw", 0) + 2 * items.get("expect", 0) + 2 * items.get("question", 0)
    return -(-lines // LINES_A_MINUTE), writing


def _time(values: Mapping[str, Any], kind: str) -> Iterator[Note]:
    reading, writing = time_needed(values, kind)
    if minutes := _minutes(values):
        most = minutes * 2 // 3
        if reading + writing > most:
            words = _(
                "Too long: about %(reading)s min to read and %(writing)s to write, "
                "and two thirds of the time box are %(most)s."
            )
            named = {"reading": reading, "writing": writing, "most": most}
            yield Note(words % named, "facts", "minutes")
