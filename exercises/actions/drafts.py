"""Writing an exercise in the browser: start, save, add and remove, publish, discard."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from exercises import authoring, authoring_marks
from exercises.actions.publishing import publish_folder
from exercises.folder import FolderError, read_folder
from exercises.folder_check import Lines
from exercises.models import Exercise, ExerciseDraft, ExerciseSource, ExerciseVersion, Kind
from exercises.queries.draft_checks import Note, missing
from exercises.queries.draft_fields import MAX_ITEMS, MAX_VALUE, SCRATCH, Allowed, is_uid
from exercises.queries.drafts import vocabulary
from lib import autosave
from lib.code import code_lines
from lib.errors import Refused
from rubrics.models import VersionStatus


class Gone(Exception):
    """This author has no such draft."""


class Incomplete(Refused):
    """`notes` say what is missing, each with the place to go to."""

    def __init__(self, notes: list[Note]) -> None:
        super().__init__(_("This is not finished yet. Nothing was published."), code="incomplete")
        self.notes = notes


class Overtaken(Refused):
    """Somebody published a newer version since this draft was started."""

    def __init__(self, newest: ExerciseVersion) -> None:
        words = _(
            "Version %(n)s was published after you started from an older one. Your draft is kept: "
            "look at that version, carry over what you want to keep, then publish yours on top."
        )
        super().__init__(words % {"n": newest.number}, code="overtaken")
        self.newest = newest


@dataclass(frozen=True)
class Published:
    version: ExerciseVersion
    is_new: bool


@transaction.atomic
def start_draft(
    *, by: User, kind: str = "", version: ExerciseVersion | None = None
) -> ExerciseDraft:
    """Begin an exercise of a kind, or the next version of one; the one begun already goes on."""
    if version is not None:
        return _next_version(by, version)
    if kind not in Kind.values:
        raise Refused(_("Choose what kind of exercise it is."), code="validation")
    fields = _filled({"minutes": "30", "ai_policy": "allowed"})
    for draft in by.exercise_drafts.filter(kind=kind, exercise=None):
        if autosave.values(draft.fields) == autosave.values(fields):
            return draft
    draft = ExerciseDraft.objects.create(author=by, kind=kind, fields=fields)
    ledger.record("start_exercise_draft", by=by, on=draft)
    return draft


def _next_version(by: User, version: ExerciseVersion) -> ExerciseDraft:
    begun = by.exercise_drafts.filter(exercise=version.exercise_id).first()
    if begun is not None:
        return begun
    source = ExerciseSource.objects.filter(version=version).first()
    if source is None:
        raise Refused(_("The files of this version were not kept. Import it as a folder again."))
    fields = _filled({**authoring.begin(_files(source)), "base": str(version.pk)})
    draft = ExerciseDraft.objects.create(
        author=by, kind=version.kind, exercise_id=version.exercise_id, fields=fields
    )
    ledger.record("start_exercise_draft", by=by, on=draft)
    return draft


def _files(source: ExerciseSource) -> dict[str, str]:
    return {file["path"]: file["text"] for file in source.files}


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    at = timezone.now().isoformat()
    return {
        name: {"v": value, "rev": 1, "op": "start", "at": at, "by": ""}
        for name, value in values.items()
    }


def _locked(by: User, pk: UUID) -> ExerciseDraft:
    draft = ExerciseDraft.objects.select_for_update().filter(author=by, pk=pk).first()
    if draft is None:
        raise Gone
    return draft


def _store(draft: ExerciseDraft, fields: dict[str, Any]) -> None:
    if fields != draft.fields:
        draft.fields = fields
        draft.save(update_fields=["fields", "updated_at"])


def _put(fields: autosave.Fields, values: Mapping[str, Any]) -> autosave.Fields:
    """The fields with these values, as the editor itself sets them."""
    at = timezone.now()
    for name, value in values.items():
        base = fields.get(name, {}).get("rev", 0)
        op = {"field": name, "value": value, "base_rev": base, "id": str(uuid4())}
        fields, [answer] = autosave.apply(
            fields, [op], at=at, by="", allowed=lambda _name, value: value, max_value=MAX_VALUE
        )
        if answer["status"] != "ok":
            raise Refused(answer["message"], code="full")
    return fields


@transaction.atomic
def save_draft(*, by: User, pk: UUID, ops: Any) -> list[dict[str, Any]]:
    """Apply the author's ops and say what became of each; marks follow the text they stand on."""
    autosave.check(ops)
    draft = _locked(by, pk)
    before = autosave.values(draft.fields)
    allowed = Allowed(before, kind=draft.kind, known=vocabulary())
    fields, answers = autosave.apply(
        draft.fields, ops, at=timezone.now(), by="", allowed=allowed, max_value=MAX_VALUE
    )
    _store(draft, _put(fields, _followed(before, autosave.values(fields))))
    return answers


def _followed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What changes with the marks: their lines, and the text of those that lost theirs."""
    changes: dict[str, Any] = {}
    for group in authoring.MARKS:
        for uid in authoring.uids(after, group):
            name, lost = f"{group}:{uid}:lines", f"{group}:{uid}:lost"
            file = authoring.of(after, group, uid, "file")
            texts = [authoring.of(values, "artefact", file, "text") for values in (before, after)]
            is_marked_anew = before.get(name) != after.get(name) or file != authoring.of(
                before, group, uid, "file"
            )
            if is_marked_anew:
                changes |= {lost: None} if after.get(lost) else {}
            elif texts[0] != texts[1]:
                lines = authoring.parse_lines(authoring.of(after, group, uid, "lines"))
                changes |= _moved(name, lost, lines, texts, after.get(lost))
    return changes


def _moved(name: str, lost: str, lines: Lines, texts: list[str], quotes: Any) -> dict[str, Any]:
    before, after = texts
    if quotes:
        found = authoring_marks.found_again(after, quotes, lines)
        return {name: authoring.said(found), lost: None} if found else {}
    if not lines or any(last > len(code_lines(before)) for _first, last in lines):
        return {}  # never stood on anything
    new, is_lost = authoring_marks.moved(before, after, lines)
    if is_lost:
        # Where they stood stays on record: a cut comes back with its paste.
        return {lost: authoring_marks.quoted(before, lines)}
    return {name: authoring.said(new)} if new != lines else {}


@transaction.atomic
def add_item(*, by: User, pk: UUID, group: str, given: Mapping[str, str] | None = None) -> str:
    """A new item at the end of its group, with what is known of it; its uid."""
    draft = _locked(by, pk)
    values = autosave.values(draft.fields)
    allowed = Allowed(values, kind=draft.kind, known=vocabulary())
    if group not in allowed.groups:
        raise Refused(_("This kind of exercise has nothing of the sort."), code="validation")
    there = authoring.uids(values, group)
    if len(there) >= MAX_ITEMS[group]:
        raise Refused(_("There are too many already. Remove one first."), code="full")
    uid = uuid4().hex
    scratch = {name: "" for name in SCRATCH if values.get(name)}
    fields = _put(draft.fields, {f"order:{group}": [*there, uid], **scratch})
    allowed = Allowed(autosave.values(fields), kind=draft.kind, known=vocabulary())
    named = {f"{group}:{uid}:{key}": value for key, value in (given or {}).items() if value}
    try:
        cleaned = {name: allowed(name, value) for name, value in named.items()}
    except ValueError as error:
        raise Refused(str(error), code="validation") from error
    _store(draft, _put(fields, cleaned))
    return uid


@transaction.atomic
def remove_item(*, by: User, pk: UUID, group: str, uid: str) -> int:
    """Take an item out of its group; where it stood. What it says is kept for `restore_item`."""
    draft = _locked(by, pk)
    there = authoring.uids(autosave.values(draft.fields), group)
    if uid not in there:
        return len(there)
    at = there.index(uid)
    _store(draft, _put(draft.fields, {f"order:{group}": there[:at] + there[at + 1 :]}))
    return at


@transaction.atomic
def move_item(*, by: User, pk: UUID, group: str, uid: str, to: int) -> None:
    """Put an item at another place of its group, counted from 0."""
    draft = _locked(by, pk)
    there = authoring.uids(autosave.values(draft.fields), group)
    if uid in there:
        there.remove(uid)
        there.insert(max(0, min(to, len(there))), uid)
        _store(draft, _put(draft.fields, {f"order:{group}": there}))


@transaction.atomic
def restore_item(*, by: User, pk: UUID, group: str, uid: str, at: int) -> None:
    """Put a removed item back where it stood."""
    draft = _locked(by, pk)
    values = autosave.values(draft.fields)
    there = authoring.uids(values, group)
    is_known = any(name.startswith(f"{group}:{uid}:") for name in values)
    if uid in there or not is_uid(uid) or not is_known:
        return
    at = max(0, min(at, len(there)))
    _store(draft, _put(draft.fields, {f"order:{group}": [*there[:at], uid, *there[at:]]}))


@transaction.atomic
def publish_draft(*, by: User, pk: UUID, on_top_of: str = "") -> Published:
    """Freeze the draft as a version, through its folder, and let the draft go.

    `on_top_of` is the newest version's id, of somebody who was told of it and has looked. Nothing
    changed since the version it was started from: that version stays the newest.
    """
    draft = _locked(by, pk)
    values = autosave.values(draft.fields)
    newest = _newest(draft)
    if notes := missing(values, draft.kind):
        raise Incomplete(notes)
    if newest and str(newest.pk) not in {values.get("base"), on_top_of}:
        raise Overtaken(newest)
    slug = draft.exercise.slug if draft.exercise else _claimed(authoring.slug_of(values))
    files = authoring.write({**values, "slug": slug}, kind=draft.kind, base=_base(values))
    version, is_new = _publish(by, slug, files, newest)
    ledger.record("publish_exercise_draft", by=by, on=draft)
    draft.delete()
    return Published(version, is_new)


def _newest(draft: ExerciseDraft) -> ExerciseVersion | None:
    if draft.exercise_id is None:
        return None
    Exercise.objects.select_for_update().get(pk=draft.exercise_id)  # one version at a time
    versions = ExerciseVersion.objects.filter(
        exercise=draft.exercise_id, status=VersionStatus.PUBLISHED
    )
    return versions.order_by("-number").first()


def _claimed(slug: str) -> str:
    """The short name, if this is the first exercise of that name."""
    _exercise, is_new = Exercise.objects.get_or_create(slug=slug)
    if not is_new:
        words = _("There is an exercise “%(slug)s” already. Choose another short name.")
        raise Incomplete([Note(words % {"slug": slug}, "facts", "slug")])
    return slug


def _base(values: Mapping[str, Any]) -> dict[str, str] | None:
    if not values.get("base"):
        return None
    return _files(ExerciseSource.objects.get(version=values["base"]))


def _publish(
    by: User, slug: str, files: Mapping[str, str], newest: ExerciseVersion | None
) -> tuple[ExerciseVersion, bool]:
    known = vocabulary()
    with tempfile.TemporaryDirectory() as room:
        root = authoring.lay_out(files, Path(room) / slug)
        try:
            folder = read_folder(root, criteria=known.criteria, levels=known.levels)
        except FolderError as error:
            raise Incomplete([Note(str(one), "key") for one in error.problems]) from error
    is_same = newest is not None and newest.content_hash == folder.content_hash
    is_proven = is_same and newest is not None and newest.is_proven
    return publish_folder(folder=folder, is_proven=is_proven, by=by)


@transaction.atomic
def discard_draft(*, by: User, pk: UUID) -> None:
    """Throw the draft away for good."""
    draft = _locked(by, pk)
    ledger.record("discard_exercise_draft", by=by, on=draft)
    draft.delete()
