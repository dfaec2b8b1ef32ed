"""What the editor shows of a draft: its parts, and every field with value and revision."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from exercises import authoring
from exercises.folder_check import CRITIQUE_KINDS, DESIGN_KINDS, GRADES
from exercises.models import AiPolicy, Category, ExerciseDraft, Kind, Severity
from exercises.queries import drafts
from exercises.queries.draft_checks import label, missing, time_needed, warnings
from exercises.queries.draft_types import SHOWN, Box, File, Group, Item, Line, Page
from lib import autosave
from lib.code import highlight_lines, language_of

# Colours cost about ten nodes a line; over this a page would be heavier than its budget.
COLOURED_LINES = 200
AREAS = frozenset({"harm", "found_when", "why_fine", "why", "answer", "listens_for", "red_flags",
                   "follow_ups", "ask"})  # fmt: skip


def parts_of(kind: str) -> dict[str, str]:
    names = {"facts": _("Facts"), "brief": _("Brief")}
    if kind in CRITIQUE_KINDS:
        return names | {
            "files": _("Files"),
            "key": _("Answer key"),
            "probes": _("Probes"),
            "answers": _("Sample answers"),
        }
    if kind in DESIGN_KINDS:
        names |= {"files": _("Starter files"), "key": _("Expected points")}
    else:
        names |= {"key": _("Questions")}
    return names | {"probes": _("Probes"), "answers": _("Sample answers")}


def page_of(draft: ExerciseDraft, part: str, *, typed: Mapping[str, Any] | None = None) -> Page:
    """`typed` is what a form held that was refused; it stands in place of what is saved."""
    values = {**autosave.values(draft.fields), **(typed or {})}
    page = Page(
        draft=draft,
        part=part,
        values=values,
        revs=autosave.revisions(draft.fields),
        missing=missing(values, draft.kind),
        warnings=warnings(values, draft.kind),
    )
    FILL[part](page)
    labels = {box.name: box.label for box in page.all_boxes}
    page.kept = [
        (labels[name], str(one["v"]))
        for name, versions in autosave.kept(draft.fields).items()
        for one in versions
        if name in labels and isinstance(one["v"], str) and one["v"].strip()
    ]
    return page


def _box(page: Page, name: str, label: str, **more: Any) -> Box:
    return Box(name, label, page.values.get(name) or "", page.revs.get(name, 0), **more)


# --- facts, brief, sample answers


def _facts(page: Page) -> None:
    values, kind = page.values, page.draft.kind
    reading, writing = time_needed(values, kind)
    time = _(
        "About %(reading)s min to read and %(writing)s to write so far; "
        "together they should fit into two thirds of it."
    ) % {"reading": reading, "writing": writing}
    proposed = authoring.slugged(values.get("title") or "") or "…"
    slug = _("Names its folder and never changes. Left empty: %(slug)s") % {"slug": proposed}
    skills, criteria = drafts.skills(), drafts.criteria()
    page.boxes = [
        _box(page, "title", _("Title"), hint=_("Candidates read it. It gives nothing away.")),
        *([] if page.draft.exercise_id else [_box(page, "slug", _("Short name"), hint=slug)]),
        _box(page, "levels", _("Levels"), kind="checks", choices=_with(values, "levels", [
            (row.key, row.name) for row in drafts.levels()])),
        _box(page, "minutes", _("Time box, minutes"), hint=time),
        _box(page, "ai_policy", pgettext("of an exercise", "AI"), kind="segments",
             choices=list(AiPolicy.choices)),
        _box(page, "language", _("Language of the files"),
             hint=_("python, sql, go, typescript …: for colours. Leave it empty for prose.")),
        _box(page, "skills", _("Screens for"), kind="checks", choices=_with(values, "skills", [
            (row.key, row.name) for row in skills])),
        _box(page, "criteria", _("Criteria an interviewer can see in it, at most six"),
             kind="checks", notes={row.key: row.description for row in criteria},
             choices=_with(values, "criteria", [(row.key, row.name) for row in criteria])),
    ]  # fmt: skip


def _with(
    values: Mapping[str, Any], name: str, choices: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """The choices there are, and those made in another team's words."""
    known = {key for key, _name in choices}
    return [*choices, *((key, key) for key in values.get(name) or () if key not in known)]


def _brief(page: Page) -> None:
    hint = _("The product, the rule of the business, the task. Markdown.")
    page.boxes = [_box(page, "brief", _("Brief"), kind="page", hint=hint)]
    page.brief_html = drafts.brief_html(page.values)


def _answers(page: Page) -> None:
    grades = {
        "strong": _("%(level)s: strong, a 4"),
        "fair": _("%(level)s: fair, a 2 or 3"),
        "weak": _("%(level)s: weak, a 1"),
    }
    names = {row.key: row.name for row in drafts.levels()}
    page.boxes = [
        _box(page, f"answer:{level}:{grade}", grades[grade] % {"level": names.get(level, level)},
             kind="page")
        for level in page.values.get("levels") or ()
        for grade in GRADES
    ]  # fmt: skip
    if not page.boxes:
        return  # levels come first, and the page says so
    hint = _(
        "Given only what a candidate gets. The library shows the line "
        "“Found 7 of 9, partly 1, false alarms 2. 2026-11-28.”; the rest is free."
    )
    page.boxes.append(
        _box(page, "baseline", _("What an AI assistant found"), kind="page", hint=hint)
    )


# --- items


def _choices(page: Page, key: str) -> list[tuple[str, str]]:
    values = page.values
    if key == "level":
        names = {row.key: row.name for row in drafts.levels()}
        return [(one, names.get(one, one)) for one in dict.fromkeys([*names, *_levels(values)])]
    if key == "file":
        uids = authoring.uids(values, "artefact")
        return [(uid, authoring.of(values, "artefact", uid, "path") or "–") for uid in uids]
    if key == "about":
        return [(item.uid, f"{item.code} {item.title}") for item in _abouts(page)]
    known = {"severity": Severity.choices, "category": Category.choices}
    return [(value, str(words)) for value, words in known.get(key, ())]


def _levels(values: Mapping[str, Any]) -> list[str]:
    return list(values.get("levels") or ())


def _abouts(page: Page) -> Iterator[Item]:
    for group in authoring.groups_of(page.draft.kind):
        if group != "probe":
            yield from _items(page, group, {})


def _hint(group: str, key: str) -> str:
    return {
        ("flaw", "found_when"): _("What counts, what counts as partly, and what does not."),
        ("flaw", "harm"): _("What goes wrong, and for whom."),
        ("flaw", "lines"): _("15-18, or several: 15-18, 30"),
        ("decoy", "lines"): _("15-18, or several: 15-18, 30"),
        ("probe", "ask"): _("One question a line, from shallow to deep."),
        ("artefact", "path"): _("With its folder, if it has one: shop/views.py"),
        ("reference", "path"): _("The name of the file that it puts right"),
        ("question", "answer"): _("For a data model: the query. Never shown to a candidate."),
    }.get((group, key), "")


def _items(page: Page, group: str, choices: Mapping[str, list[tuple[str, str]]]) -> list[Item]:
    is_talk = page.draft.kind not in CRITIQUE_KINDS | DESIGN_KINDS
    shown = SHOWN["talk" if group == "question" and is_talk else group] if choices else ()
    there = authoring.uids(page.values, group)
    return [
        replace(
            _one(page, group, uid, number, shown, choices),
            up=number - 2 if group not in authoring.FILES and number > 1 else None,
            down=number if group not in authoring.FILES and number < len(there) else None,
        )
        for number, uid in enumerate(there, 1)
    ]


def _one(
    page: Page,
    group: str,
    uid: str,
    number: int,
    shown: tuple[str, ...],
    choices: Mapping[str, list[tuple[str, str]]],
) -> Item:
    values = page.values
    rest = authoring.of(values, group, uid, "rest") or {}
    title = authoring.of(values, group, uid, "title") or authoring.of(values, group, uid, "ask")
    boxes = []
    for key in shown:
        kind = "area" if key in AREAS else "select" if key in choices else "text"
        kind = {"contextual": "check", "text": "code", "severity": "segments"}.get(key, kind)
        hint = _hint(group, key)
        if key == "id":
            proposed = authoring.ids(values, page.draft.kind).get(uid, "")
            hint = _("Names it in the folder. Left empty: %(id)s") % {"id": proposed or "…"}
        name = f"{group}:{uid}:{key}"
        boxes.append(
            _box(page, name, label(key), kind=kind, choices=choices.get(key, []), hint=hint)
        )
    anchor = f"{group}-{uid}"
    return Item(
        group=group,
        uid=uid,
        code=f"{authoring.CODES.get(group, '')}{number}",
        title=authoring.of(values, group, uid, "path") or title.partition("\n")[0],
        boxes=boxes,
        severity="decoy" if group == "decoy" else authoring.of(values, group, uid, "severity"),
        anchor=authoring.of(values, group, uid, "lines"),
        proof=rest.get("proof", ""),
        lacks=[note.text for note in page.missing if note.anchor == anchor],
    )


def _all_choices(page: Page) -> dict[str, list[tuple[str, str]]]:
    keys = ("level", "file", "about", "severity", "category")
    return {key: _choices(page, key) for key in keys}


def _files(page: Page) -> None:
    choices = {"-": [("", "")]}  # neither a file's name nor its text is chosen from a list
    is_critique = page.draft.kind in CRITIQUE_KINDS
    about = (
        _("What the candidate judges: real files, 40 to 150 lines.")
        if is_critique
        else _("What the candidate starts from, if anything.")
    )
    page.groups = [
        Group("artefact", _("Files"), about, _items(page, "artefact", choices), _("Add a file"),
              _("No file yet.")),
        Group("reference", _("Reference"),
              _("The same files put right, for proofs. Never shown to a candidate; may be empty."),
              _items(page, "reference", choices), _("Add a reference file")),
    ]  # fmt: skip


def _key(page: Page) -> None:
    choices = _all_choices(page)
    if page.draft.kind in CRITIQUE_KINDS:
        return _marks(page, choices)
    questions = Group(
        "question", _("Questions"), _("Put to every candidate in these words."),
        _items(page, "question", choices), _("Add a question"), _("No question yet."),
    )  # fmt: skip
    if page.draft.kind == Kind.DATA_MODEL:
        hint = _("What the model must be able to answer, such as “which rooms are free on Friday?”")
        questions = Group(questions.name, questions.title, hint, questions.items, questions.add,
                          questions.empty)  # fmt: skip
    expects = Group(
        "expect", _("Expected points"), _("What a strong answer contains."),
        _items(page, "expect", choices), _("Add a point"), _("No point yet."),
    )  # fmt: skip
    page.groups = [expects, questions] if page.draft.kind in DESIGN_KINDS else [questions]
    return None


def _marks(page: Page, choices: dict[str, list[tuple[str, str]]]) -> None:
    values = page.values
    items = {group: _items(page, group, choices) for group in authoring.MARKS}
    flat = [item for group in authoring.MARKS for item in items[group]]
    total = 0
    placed: set[str] = set()
    for number, uid in enumerate(authoring.uids(values, "artefact"), 1):
        text = authoring.of(values, "artefact", uid, "text")
        path = authoring.of(values, "artefact", uid, "path")
        total += text.count("\n") + 1
        language = language_of(path) or values.get("language") or ""
        html = highlight_lines(text, language if total <= COLOURED_LINES else "")
        starts, ends = _places(values, flat, uid, len(html))
        placed |= {item.uid for ended in ends.values() for item in ended}
        page.files.append(File(uid, path, [
            Line(n, f"f{number}-L{n}", row, starts.get(n, []), ends.get(n, []))
            for n, row in enumerate(html, 1)
        ]))  # fmt: skip
    left = [item for item in flat if item.uid not in placed]
    page.groups = [
        Group("flaw", _("Flaws"), "", items["flaw"], ""),
        Group("decoy", _("Decoys"), "", items["decoy"], ""),
        *([Group("left", _("Marks without lines"), _("Give them a file and lines."), left, "")]
          if left else []),
    ]  # fmt: skip
    if page.files:
        as_ = [("flaw", _("a flaw")), ("decoy", _("a decoy: only looks wrong"))]
        page.mark = [
            _box(page, "mark_file", _("File"), kind="select", choices=choices["file"]),
            _box(page, "mark_lines", _("Lines"), hint=_hint("flaw", "lines")),
            Box(
                "mark_as",
                _("It is"),
                values.get("mark_as") or "flaw",
                page.revs.get("mark_as", 0),
                kind="segments",
                choices=as_,
            ),
            _box(page, "mark_title", _("Title"), hint=_("In a few words: what is wrong, or odd.")),
        ]


def _places(
    values: Mapping[str, Any], items: list[Item], file: str, count: int
) -> tuple[dict[int, list[Item]], dict[int, list[Item]]]:
    starts: dict[int, list[Item]] = {}
    ends: dict[int, list[Item]] = {}
    for item in items:
        lines = authoring.parse_lines(item.anchor)
        is_here = authoring.of(values, item.group, item.uid, "file") == file
        if is_here and lines and all(1 <= a <= b <= count for a, b in lines):
            for first, _last in lines:
                starts.setdefault(first, []).append(item)
            ends.setdefault(lines[-1][1], []).append(item)
    return starts, ends


def _probes(page: Page) -> None:
    hint = _("Asked live: a ladder from shallow to deep, about one item or in general.")
    items = _items(page, "probe", _all_choices(page))
    page.groups = [Group("probe", _("Probes"), hint, items, _("Add a probe"), _("No probe yet."))]


FILL = {
    "facts": _facts,
    "brief": _brief,
    "files": _files,
    "key": _key,
    "probes": _probes,
    "answers": _answers,
}
