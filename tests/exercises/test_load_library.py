"""The library goes in whole, twice the same, and a changed file makes a new version."""

import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.models import Event
from exercises.models import ExerciseVersion
from rubrics.models import Anchor, Criterion, Level, RubricVersion, Skill

pytestmark = pytest.mark.django_db


def load(folder: Path = settings.LIBRARY_DIR) -> str:
    out = StringIO()
    call_command("load_library", folder=folder, stdout=out)
    return out.getvalue()


def test_loads_everything_once() -> None:
    load()
    before = (Skill.objects.count(), Criterion.objects.count(), ExerciseVersion.objects.count())
    events = Event.objects.count()
    assert "published" not in load().replace("unchanged", "")
    after = (Skill.objects.count(), Criterion.objects.count(), ExerciseVersion.objects.count())
    assert after == before
    assert Event.objects.count() == events
    assert Skill.objects.exclude(tier="judgment").count() == 15
    assert [level.key for level in Level.objects.all()] == ["entry", "mid", "senior"]
    assert Criterion.objects.count() == 11


def test_every_criterion_has_four_anchors_at_every_level() -> None:
    load()
    for level in Level.objects.all():
        for criterion in Criterion.objects.all():
            anchors = Anchor.objects.for_level(level).filter(criterion=criterion)
            assert {anchor.point for anchor in anchors} == {1, 2, 3, 4}


def test_a_changed_rubric_is_a_new_version_and_the_old_one_stays(tmp_path: Path) -> None:
    load()
    first = RubricVersion.objects.get()
    names = list(first.criteria.values_list("name", flat=True))
    library = shutil.copytree(settings.LIBRARY_DIR, tmp_path / "library")
    file = library / "rubrics" / "backend-judgment.yaml"
    file.write_text(file.read_text().replace("name: Shapes the data", "name: Gives data a shape"))
    load(library)
    second = RubricVersion.objects.get(number=2)
    assert second.criteria.filter(name="Gives data a shape").exists()
    assert list(first.criteria.values_list("name", flat=True)) == names
    assert second.structure_hash == first.structure_hash


def test_a_broken_exercise_is_refused_in_words(tmp_path: Path) -> None:
    library = shutil.copytree(settings.LIBRARY_DIR, tmp_path / "library")
    broken = library / "exercises" / "broken"
    broken.mkdir()
    (broken / "exercise.yaml").write_text("slug: broken\nminutes: soon\n")
    with pytest.raises(CommandError, match=r"exercise\.yaml.*minutes"):
        load(library)
