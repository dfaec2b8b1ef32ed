"""Putting exercises from folders into frozen versions."""

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts import ledger
from accounts.models import User
from exercises.folder import Decoy, ExerciseFolder
from exercises.folder import Flaw as FlawInFolder
from exercises.models import Exercise, ExerciseSource, ExerciseVersion, Flaw
from exercises.proofs import Proved
from lib.markup import render_markdown
from rubrics.models import VersionStatus


@transaction.atomic
def publish_folder(
    *,
    folder: ExerciseFolder,
    is_proven: bool = False,
    proved: Proved | None = None,
    by: User | None = None,
) -> tuple[ExerciseVersion, bool]:
    """Publish a folder's content; changed content makes a new version, the same content nothing.

    Returns the version that has this content, and whether it is new. What its proofs say
    (`proved`, or `is_proven` alone) is no change of content: it is brought up to date.
    """
    proved = proved or (Proved(is_proven=True) if is_proven else None)
    Exercise.objects.get_or_create(slug=folder.slug)
    # Two at once number their versions one after the other.
    exercise = Exercise.objects.select_for_update().get(slug=folder.slug)
    newest = exercise.versions.filter(status=VersionStatus.PUBLISHED).order_by("-number").first()
    if newest and newest.content_hash == folder.content_hash:
        # Published before versions kept their files: here they are.
        ExerciseSource.objects.get_or_create(
            version=newest, defaults={"files": _files(folder.files)}
        )
        if proved:
            ExerciseVersion.objects.filter(pk=newest.pk).update(**_proof(proved))
        return newest, False
    version = ExerciseVersion.objects.create(
        exercise=exercise,
        number=(exercise.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        status=VersionStatus.PUBLISHED,
        published_at=timezone.now(),
        **_proof(proved or Proved(is_proven=False)),
        **_content(folder),
    )
    Flaw.objects.bulk_create([*_flaws(version, folder), *_decoys(version, folder)])
    ExerciseSource.objects.create(version=version, files=_files(folder.files))
    ledger.record("publish_exercise_version", by=by, on=version)
    return version, True


@transaction.atomic
def record_proofs(*, version: ExerciseVersion, proved: Proved, by: User | None = None) -> None:
    """Keep what the proofs of a published version said when they were run here."""
    ExerciseVersion.objects.filter(pk=version.pk, content_hash=version.content_hash).update(
        **_proof(proved), updated_at=timezone.now()
    )
    ledger.record("prove_exercise_version", by=by, on=version, changed=["proof_states"])


def _proof(proved: Proved) -> dict[str, Any]:
    said = {"is_proven": proved.is_proven, "proof_states": dict(proved.states)}
    # A result of before they were dated does not take the date of a later one away.
    return {**said, "proved_at": proved.at} if proved.at else said


def _content(folder: ExerciseFolder) -> dict[str, Any]:
    return {
        "content_hash": folder.content_hash,
        "title": folder.title,
        "kind": folder.kind,
        "levels": list(folder.levels),
        "minutes": folder.minutes,
        "ai_policy": folder.ai_policy,
        "language": folder.language,
        "skills": list(folder.skills),
        "criteria": list(folder.criteria),
        "brief": folder.brief,
        "brief_html": render_markdown(folder.brief),
        "artefacts": _files(folder.artefacts),
        "reference": _files(folder.reference),
        "expects": [asdict(item) for item in folder.expects],
        "questions": [asdict(item) for item in folder.questions],
        "probes": [asdict(item) for item in folder.probes],
        "answers": folder.answers,
        "baseline": folder.baseline,
    }


def _files(files: dict[str, str]) -> list[dict[str, str]]:
    return [{"path": path, "text": text} for path, text in sorted(files.items())]


def _flaws(version: ExerciseVersion, folder: ExerciseFolder) -> list[Flaw]:
    return [
        Flaw(
            **_place(version, flaw, number),
            code=f"F{number}",
            severity=flaw.severity,
            category=flaw.category,
            level=flaw.level,
            is_contextual=flaw.contextual,
            harm=flaw.harm,
            found_when=flaw.found_when,
        )
        for number, flaw in enumerate(folder.flaws, start=1)
    ]


def _decoys(version: ExerciseVersion, folder: ExerciseFolder) -> list[Flaw]:
    return [
        Flaw(
            **_place(version, decoy, len(folder.flaws) + number),
            code=f"D{number}",
            is_decoy=True,
            harm=decoy.why_fine,
        )
        for number, decoy in enumerate(folder.decoys, start=1)
    ]


def _place(version: ExerciseVersion, item: FlawInFolder | Decoy, position: int) -> dict[str, Any]:
    return {
        "version": version,
        "slug": item.id,
        "file": item.file,
        "lines": [list(pair) for pair in item.lines],
        "title": item.title,
        "position": position,
    }
