"""Files that a candidate hands in: checked, named anew, outside the web root."""

import hashlib
import io
import json
import uuid
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from exercises.models import AiPolicy, ExerciseVersion
from lib.errors import Refused
from lib.markup import clean_text, visible_bidi
from screening.actions.candidate_work import locked_work, refuse_unless_open, version_of
from screening.models import Assignment, Attachment, Invitation
from screening.queries.portfolio import PIECES, has_pieces, purpose_of

SUFFIXES = (".md", ".txt", ".json", ".jsonl")
PORTFOLIO = (
    *(".md", ".txt", ".py", ".js", ".ts", ".go", ".java", ".sql", ".yaml", ".yml", ".diff"),
    *(".csv", ".json", ".jsonl", ".ipynb", ".pdf", ".png", ".jpg"),
)
IMAGES = {".png": "PNG", ".jpg": "JPEG"}
MAX_PIXELS = 25_000_000
MAX_FILE = 5 * 1024 * 1024
MAX_FILES = 10
MAX_TOTAL = 20 * 1024 * 1024
MAX_NAME = 120


def attach_file(
    *, invitation: Invitation, assignment: Assignment, upload: UploadedFile
) -> Attachment:
    """Keep one file beside the work; the same bytes a second time are the same attachment."""
    return _attached(invitation, assignment, upload, purpose="transcript", suffixes=SUFFIXES)


def attach_piece(
    *, invitation: Invitation, assignment: Assignment, number: int, upload: UploadedFile
) -> Attachment:
    """Keep a file of one piece of a portfolio."""
    if not 1 <= number <= PIECES:
        raise Refused(_("There is no such piece."), code="validation")
    return _attached(invitation, assignment, upload, purpose=purpose_of(number), suffixes=PORTFOLIO)


def _attached(
    invitation: Invitation,
    assignment: Assignment,
    upload: UploadedFile,
    *,
    purpose: str,
    suffixes: tuple[str, ...],
) -> Attachment:
    name = _name(upload.name or "", suffixes)
    content = _content(upload, suffix=PurePosixPath(name).suffix.lower())
    with transaction.atomic():
        work = locked_work(invitation=invitation, assignment=assignment)
        refuse_unless_open(work)
        _refuse_unless_asked_for(version_of(work), purpose)
        sha256 = hashlib.sha256(content).hexdigest()
        have = list(work.attachments.all())
        same = next((one for one in have if (one.sha256, one.purpose) == (sha256, purpose)), None)
        if same:
            return same
        _refuse_too_many(have, len(content))
        row = Attachment(
            submission=work, purpose=purpose, name=name, size=len(content), sha256=sha256
        )
        return _stored(row, content)


def _refuse_unless_asked_for(version: ExerciseVersion, purpose: str) -> None:
    if purpose != "transcript":
        if not has_pieces(version):
            raise Refused(_("This exercise takes no files."), code="validation")
    elif version.ai_policy == AiPolicy.NONE:
        raise Refused(_("This exercise is done without AI; it takes no transcript."))


@transaction.atomic
def remove_file(*, invitation: Invitation, assignment: Assignment, attachment: Any) -> None:
    """Take a file back, while working. Removing what is gone already changes nothing."""
    work = locked_work(invitation=invitation, assignment=assignment)
    refuse_unless_open(work)
    row = work.attachments.filter(pk=attachment).first()
    if row is None:
        return
    storage, path = row.file.storage, row.file.name or ""
    row.delete()
    transaction.on_commit(lambda: storage.delete(path))


def _stored(row: Attachment, content: bytes) -> Attachment:
    random = f"{uuid.uuid4().hex}{PurePosixPath(row.name).suffix.lower()}"
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


def _name(given: str, suffixes: tuple[str, ...]) -> str:
    """The last part of the name, as plain text that reads in one direction."""
    last = PurePosixPath(given.replace("\\", "/")).name
    try:
        name = visible_bidi(" ".join(clean_text(last).split()))
    except ValueError as error:
        raise Refused(str(error), code="validation") from error
    suffix = PurePosixPath(name).suffix
    if suffix.lower() not in suffixes:
        raise Refused(
            _("Use a file that ends in %(known)s.") % {"known": ", ".join(suffixes)},
            code="validation",
        )
    return name.removesuffix(suffix)[: MAX_NAME - len(suffix)] + suffix


def _content(upload: UploadedFile, *, suffix: str) -> bytes:
    if (upload.size or 0) > MAX_FILE:
        raise Refused(_("A file may have 5 MB. Cut it to the part you used."), code="validation")
    content = upload.read()
    if suffix in IMAGES:
        return _image(content, IMAGES[suffix])
    if suffix == ".pdf":
        if not content.startswith(b"%PDF-"):
            raise Refused(_("This is no PDF, whatever its name says."), code="validation")
        return content
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


def _image(content: bytes, kind: str) -> bytes:
    """The picture drawn anew: nothing of the file but its pixels is kept."""
    from PIL import Image

    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Refused(_("This picture is too large. Make it smaller."), code="validation")
            clean = image.convert("RGBA" if kind == "PNG" and image.mode != "RGB" else "RGB")
    except (OSError, ValueError, SyntaxError, *bombs) as error:
        raise Refused(
            _("This is no picture of the kind its name says. Save it as .png or .jpg."),
            code="validation",
        ) from error
    clean.info.clear()  # comments, places, profiles
    made = io.BytesIO()
    clean.save(made, kind, **({"quality": 85} if kind == "JPEG" else {}))
    if made.tell() > MAX_FILE:
        raise Refused(_("A file may have 5 MB. Make the picture smaller."), code="validation")
    return made.getvalue()


def _refuse_unless_json(words: str, suffix: str) -> None:
    try:
        if suffix in {".json", ".ipynb"}:
            json.loads(words)
        elif suffix == ".jsonl":
            for line in filter(str.strip, words.split("\n")):
                json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Refused(
            _("%(suffix)s: this is no valid JSON. Upload it as .txt.") % {"suffix": suffix},
            code="validation",
        ) from error
