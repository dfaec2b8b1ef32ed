"""Packs: uploaded, looked at, imported."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import ledger
from accounts.models import User
from exercises.actions.publishing import publish_folder
from exercises.models import ExerciseVersion, PackUpload
from exercises.packs import PackError, read_zip
from exercises.queries import packs
from exercises.queries.packs import PackEntry, preview_pack
from lib.errors import Refused

KEEP = timedelta(days=1)
# Looked at and not imported, of one person; the oldest goes when another comes.
MOST = 5


@transaction.atomic
def import_pack(
    *, entries: Sequence[PackEntry], by: User | None = None
) -> list[tuple[ExerciseVersion, bool]]:
    """Publish every exercise of a previewed pack that can be, all or none."""
    return [
        publish_folder(folder=entry.folder, proved=entry.proved, by=by)
        for entry in entries
        if entry.folder
    ]


@transaction.atomic
def upload_pack(*, by: User, name: str, data: bytes) -> PackUpload:
    """Keep a zip that can be read until it is imported, for a day at most; nothing else."""
    try:
        read_zip(data)
    except PackError as error:
        raise Refused(str(error)) from error
    upload = PackUpload.objects.create(uploaded_by=by, name=name[:120], data=data)
    mine = PackUpload.objects.filter(uploaded_by=by, imported_at=None).order_by("-created_at")
    mine.filter(pk__in=list(mine.values_list("pk", flat=True)[MOST:])).delete()
    ledger.record("upload_pack", by=by, on=upload)
    return upload


@transaction.atomic
def forget_packs() -> int:
    """Drop the uploads older than a day, imported or not."""
    return PackUpload.objects.filter(created_at__lt=timezone.now() - KEEP).delete()[0]


def import_upload(*, by: User, upload: PackUpload, seen: str) -> list[tuple[ExerciseVersion, bool]]:
    """Import what was previewed, and nothing else; asked twice, it is the same import."""
    if not upload.data:
        return []
    entries = preview_pack(read_zip(bytes(upload.data)))
    if seen != packs.seen(entries):
        raise Refused(
            _("The library has changed since you looked. Nothing was imported: look once more.")
        )
    with transaction.atomic():
        taken = PackUpload.objects.filter(pk=upload.pk, imported_at=None).update(
            imported_at=timezone.now(), data=b"", updated_at=timezone.now()
        )
        if not taken:
            return []
        ledger.record("import_pack", by=by, on=upload)
        return import_pack(entries=entries, by=by)
