"""A pack is uploaded, looked at and imported; until then nothing of it is in the library."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Event
from exercises.actions.packs import MOST, forget_packs
from exercises.models import ExerciseVersion, PackUpload
from exercises.packs import read_zip
from tests import factories
from tests.exercises.packs import exercise, pack, zipped
from tests.exercises.test_pack_commands import publish

pytestmark = pytest.mark.django_db


def signed_in(user=None) -> Client:
    client = Client()
    client.force_login(user or factories.recruiter())
    return client


def upload(client: Client, data: bytes):
    return client.post(
        reverse("pack_upload"), {"file": SimpleUploadedFile("ours.zip", data, "application/zip")}
    )


def press_import(client: Client, kept: PackUpload):
    """The button of the preview, as it stands there."""
    page = client.get(reverse("pack_preview", args=[kept.pk]))
    seen = page.context["seen"] if page.status_code == 200 else ""
    return client.post(reverse("pack_import", args=[kept.pk]), {"seen": seen}, follow=True)


def test_a_library_that_changed_meanwhile_is_looked_at_once_more() -> None:
    publish("money")
    client = signed_in()
    upload(client, pack(**{"brief.md": "Ours.\n"}))
    kept = PackUpload.objects.get()
    seen = client.get(reverse("pack_preview", args=[kept.pk])).context["seen"]
    publish("money", **{"brief.md": "Theirs, published meanwhile.\n"})

    url = reverse("pack_import", args=[kept.pk])
    for stale in ({"seen": seen}, {}):
        answer = client.post(url, stale, follow=True)
        assert "Nothing was imported: look once more" in answer.content.decode()
        assert answer.redirect_chain == [(reverse("pack_preview", args=[kept.pk]), 302)]
    assert ExerciseVersion.objects.count() == 2
    press_import(client, kept)
    assert ExerciseVersion.objects.latest().get().number == 3


def test_from_the_upload_to_the_library() -> None:
    alice = factories.recruiter()
    client = signed_in(alice)
    publish("money")
    files = {
        f"{slug}/{path}": text
        for slug, one in {
            "money": exercise(**{"brief.md": "Review it <b>well</b>.\n"}),
            "fresh": exercise("fresh"),
            "broken": exercise("broken", **{"brief.md": None}),
        }.items()
        for path, text in one.items()
    }

    answer = upload(client, zipped(files))
    page = client.get(answer["Location"]).content.decode()

    assert "2 exercises will be published" in page
    assert "1 is left out" in page
    assert "say what the candidate has to do" in page
    assert "They never run from the web" in page
    assert ExerciseVersion.objects.count() == 1
    diff = client.get(answer["Location"], {"exercise": "money"}).content.decode()
    assert "&lt;<ins>" in diff or "<ins> &lt;b&gt;well" in diff
    assert "<b>well" not in diff

    kept = PackUpload.objects.get()
    done = press_import(client, kept)
    assert "2 exercises were published: Money transfer · Money transfer." in done.content.decode()
    assert set(ExerciseVersion.objects.latest().values_list("exercise__slug", "number")) == {
        ("money", 2),
        ("fresh", 1),
    }
    assert Event.objects.filter(verb="publish_exercise_version", by=alice).count() == 2
    kept.refresh_from_db()
    assert bytes(kept.data) == b""

    press_import(client, kept)  # pressed twice
    assert ExerciseVersion.objects.count() == 3
    assert client.get(reverse("pack_preview", args=[kept.pk])).status_code == 302


def test_a_trap_is_a_sentence_and_nothing_is_kept() -> None:
    client = signed_in()
    answer = upload(client, zipped({"../escaped": b"x"}))
    assert answer.status_code == 422
    assert "leads out of the pack" in answer.content.decode()
    assert client.post(reverse("pack_upload")).status_code == 422
    assert not PackUpload.objects.exists()


def test_an_upload_is_its_uploaders_alone_and_gone_after_a_day() -> None:
    alice = signed_in()
    upload(alice, pack())
    kept = PackUpload.objects.get()
    assert signed_in().get(reverse("pack_preview", args=[kept.pk])).status_code == 404
    assert signed_in().post(reverse("pack_import", args=[kept.pk])).status_code == 404
    PackUpload.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    upload(alice, pack("cash"))
    assert (forget_packs(), forget_packs()) == (1, 0)
    assert PackUpload.objects.get().pk != kept.pk


def test_of_one_person_only_the_newest_uploads_wait() -> None:
    alice = signed_in()
    imported = upload(alice, pack("cash"))["Location"]
    press_import(alice, PackUpload.objects.get())
    other = upload(signed_in(factories.recruiter("Bo")), pack("money"))["Location"]
    waiting = [upload(alice, pack("money"))["Location"] for _ in range(MOST + 2)]
    kept = {reverse("pack_preview", args=[one.pk]) for one in PackUpload.objects.all()}
    assert kept == {imported, other, *waiting[2:]}


@pytest.mark.parametrize("roles", [{"is_interviewer": True}, {}])
def test_who_may_write_exercises_may_import_and_export_them(roles: dict[str, bool]) -> None:
    publish("money")
    version = ExerciseVersion.objects.get()
    pages = [
        reverse("pack_upload"),
        reverse("exercise_export", args=[version.pk]),
        reverse("exercise_statistics", args=[version.pk]),
        reverse("exercises"),
    ]
    writer = signed_in(factories.user("Wim Writer", can_author=True, **roles))
    assert [writer.get(page).status_code for page in pages] == [200] * 4
    other = signed_in(factories.user("Eve Other", **roles))
    assert [other.get(page).status_code for page in pages[:3]] == [404] * 3
    assert 'href="/exercises/packs/new/"' not in other.get("/exercises/").content.decode()


def test_an_export_is_the_folder_in_a_zip() -> None:
    publish("money")
    version = ExerciseVersion.objects.get()
    answer = signed_in().get(reverse("exercise_export", args=[version.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="money-v1.zip"'
    assert read_zip(answer.content) == {"money": exercise()}

    version.source.delete()
    answer = signed_in().get(reverse("exercise_export", args=[version.pk]), follow=True)
    assert "published before versions kept their files" in answer.content.decode()


def test_two_editions_are_compared() -> None:
    publish("money")
    publish("money", **{"brief.md": "Review it well.\n"})
    version = ExerciseVersion.objects.get(number=2)
    page = signed_in().get(
        reverse("exercise", args=[version.pk]), {"tab": "history", "old": "1", "new": "2"}
    )
    assert "<ins> well</ins>" in page.content.decode()
    same = {"tab": "history", "old": "2", "new": "2"}
    assert (
        "No difference"
        in signed_in().get(reverse("exercise", args=[version.pk]), same).content.decode()
    )
    odd = {"tab": "history", "old": "99", "new": "\0"}
    assert signed_in().get(reverse("exercise", args=[version.pk]), odd).status_code == 200


def test_the_fix_stands_beside_what_the_candidate_gets() -> None:
    publish("money")
    version = ExerciseVersion.objects.get()
    url = reverse("exercise", args=[version.pk])
    page = signed_in().get(url, {"tab": "fix"}).content.decode()
    assert '<td class="was">b</td>' in page
    assert '<td class="is">B</td>' in page
    assert "?tab=fix" in page
    assert '<td class="is">B</td>' not in signed_in().get(url).content.decode()
