"""What a candidate may say of the turns of a transcript; handing in removes hidden words."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lib.markup import clean_text
from screening.models import Assignment, Attachment, Submission
from screening.queries import transcripts, turns

MAX_WHY = 1_000
_name = re.compile(r"(did|why|hide|moment):[0-9a-f]{16}(-\d{1,4})?")


def is_turn_field(name: str) -> bool:
    return _name.fullmatch(name) is not None


def allowed(name: str, value: Any, fields: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value to store, or ValueError with a sentence; `fields` is the draft as it is."""
    kind = name.partition(":")[0]
    if value is None or value == "":
        return None
    if kind == "hide":
        if value not in (True, False, "1"):
            raise ValueError(_("Choose one of the given values."))
        return bool(value)
    if kind == "did":
        if value not in turns.DID:
            raise ValueError(_("Choose one of the given values."))
        return str(value)
    if kind == "moment":
        _refuse_fourth(name, fields)
    return _words(value)


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(_("This has to be text."))
    if len(value) > MAX_WHY:
        raise ValueError(_("Keep it below %(n)s characters.") % {"n": MAX_WHY})
    return clean_text(value.replace("\r\n", "\n").replace("\r", "\n"))


def _refuse_fourth(name: str, fields: Mapping[str, Mapping[str, Any]]) -> None:
    others = [
        one
        for one, entry in fields.items()
        if one.startswith("moment:") and one != name and entry["v"]
    ]
    if len(others) >= turns.MAX_MOMENTS:
        raise ValueError(
            _("You have chosen %(n)s moments. Empty one of them first.") % {"n": turns.MAX_MOMENTS}
        )


def redact(*, assignment: Assignment) -> None:
    """Remove the words of hidden turns from all that is kept of the work. Twice is once."""
    work = Submission.objects.filter(assignment=assignment).first()
    hidden = turns.hidden_keys(work) if work else set()
    if work is None or not hidden:
        return
    fields = {name: dict(entry) for name, entry in work.fields.items()}
    if pasted := fields.get("transcript"):
        text = str(pasted["v"] or "")
        if _speaks_of(text, hidden):
            pasted["v"] = transcripts.redacted(text, hidden)
        # Earlier versions of the text may hold the same words.
        pasted.pop("kept", None)
    # What was said about a hidden turn may quote it.
    for name in [f"{kind}:{key}" for kind in ("why", "moment") for key in hidden]:
        if name in fields:
            fields[name]["v"] = None
            fields[name].pop("kept", None)
    Submission.objects.filter(pk=work.pk).update(fields=fields, updated_at=timezone.now())
    for attachment in work.attachments.filter(purpose="transcript"):
        text = turns.text_of(attachment)
        if _speaks_of(text, hidden):
            _rewrite(attachment, transcripts.redacted(text, hidden))


def _speaks_of(text: str, hidden: set[str]) -> bool:
    return any(turn.key in hidden and not turn.is_hidden for turn in transcripts.turns(text))


def _rewrite(attachment: Attachment, text: str) -> None:
    """A new file with the same name but for its ending; the old one goes when this is sure."""
    storage, old = attachment.file.storage, attachment.file.name or ""
    stem = PurePosixPath(old).stem
    content = text.encode()
    attachment.sha256 = hashlib.sha256(content).hexdigest()
    attachment.name = f"{PurePosixPath(attachment.name).stem}.json"
    attachment.size = len(content)
    attachment.file.save(f"{stem}.json", ContentFile(content), save=False)
    attachment.save(update_fields=["name", "size", "sha256", "file", "updated_at"])
    transaction.on_commit(lambda: storage.delete(old))
