"""Transcripts that a candidate hands in as files: checked, named anew, outside the web root."""

import hashlib
import json
import uuid
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from exercises.models import AiPolicy
from lib.errors import Refused
from lib.markup import clean_text, visible_bidi
from screening.actions.candidate_work import locked_work, refuse_unless_open, version_of
from screening.models import Assignment, Attachment, Invitation, Submission

SUFFIXES = (".md", ".txt", ".json", ".jsonl")
MAX_FILE = 5 * 1024 * 1024
MAX_FILES = 10
MAX_TOTAL = 20 * 1024 * 1024
MAX_NAME = 120


def attach_file(
    *, invitation: Invitation, assignment: Assignment, upload: UploadedFile
) -> Attachment:
    """Keep one file beside the work; the same bytes a second time are the same attachment."""
    name = _name(upload.name or "")
    content = _content(upload, suffix=PurePosixPath(name).suffix.lower())
    with transaction.atomic():
        work = locked_work(invitation=invitation, assignment=assignment)
        refuse_unless_open(work)
        if version_of(work).ai_policy == AiPolicy.NONE:
            raise Refused(_("This exercise is done without AI; it takes no transcript."))
        sha256 = hashlib.sha256(content).hexdigest()
        have = list(work.attachments.all())
        same = next((one for one in have if one.sha256 == sha256), None)
        if same:
            return same
        _refuse_too_many(have, len(content))
        return _stored(work, name=name, content=content, sha256=sha256)


@transaction.atomic
def remove_transcript(*, invitation: Invitation, assignment: Assignment, attachment: Any) -> None:
    """Take a file back, while working. Removing what is gone already changes nothing."""
    work = locked_work(invitation=invitation, assignment=assignment)
    refuse_unless_open(work)
    row = work.attachments.filter(pk=attachment).first()
    if row is None:
        return
    storage, path = row.file.storage, row.file.name or ""
    row.delete()
    transaction.on_commit(lambda: storage.delete(path))


def _stored(work: Submission, *, name: str, content: bytes, sha256: str) -> Attachment:
    row = Attachment(submission=work, name=name, size=len(content), sha256=sha256)
    random = f"{uuid.uuid4().hex}{PurePosixPath(name).suffix.lower()}"
    row.file.save(random, ContentFile(content), save=False)
    try:
        row.save(force_insert=True)
    except BaseException:
        row.file.storage.delete(row.file.name or "")
        raise
    return row


def _refuse_too_many(have: list[Attachment], size: int) -> None:
    if len(have) >= MAX_FILES:
        raise Refused(
            _("At most %(n)d files. Remove one first.") % {"n": MAX_FILES}, code="validation"
        )
    if sum(one.size for one in have) + size > MAX_TOTAL:
        raise Refused(_("All files together may have 20 MB. Remove one first."), code="validation")


def _name(given: str) -> str:
    """The last part of the name, as plain text that reads in one direction."""
    last = PurePosixPath(given.replace("\\", "/")).name
    try:
        name = visible_bidi(clean_text(last)).strip()
    except ValueError as error:
        raise Refused(str(error), code="validation") from error
    suffix = PurePosixPath(name).suffix
    if suffix.lower() not in SUFFIXES:
        raise Refused(_("Use a file that ends in .md, .txt, .json or .jsonl."), code="validation")
    return name.removesuffix(suffix)[: MAX_NAME - len(suffix)] + suffix


def _content(upload: UploadedFile, *, suffix: str) -> bytes:
    if (upload.size or 0) > MAX_FILE:
        raise Refused(_("A file may have 5 MB. Cut it to the part you used."), code="validation")
    content = upload.read()
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(
            _("This file is not text in UTF-8. Save it as plain text."), code="validation"
        ) from error
    if "\0" in words or not words.strip():
        raise Refused(
            _("This file is empty or no text. Choose the transcript itself."), code="validation"
        )
    _refuse_unless_json(words, suffix)
    return content


def _refuse_unless_json(words: str, suffix: str) -> None:
    try:
        if suffix == ".json":
            json.loads(words)
        elif suffix == ".jsonl":
            for line in filter(str.strip, words.splitlines()):
                json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Refused(
            _("%(suffix)s: this is no valid JSON. Upload it as .txt.") % {"suffix": suffix},
            code="validation",
        ) from error
