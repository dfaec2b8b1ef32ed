from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from accounts.rules import guarded, reachable
from exercises import queries
from exercises.authoring_queries import drafts_of
from exercises.forms import LibraryFilter
from exercises.models import ExerciseVersion
from rubrics.models import Skill

TABS = ("brief", "key", "probes", "answers", "history")


@guarded("exercise.read")
def exercises(request: HttpRequest) -> HttpResponse:
    form = LibraryFilter(request.GET or None)
    found = form.apply(queries.library(request.user)) if request.GET else None
    shown = list(queries.library(request.user)) if found is None else found
    names = dict(Skill.objects.values_list("key", "name"))
    for version in shown:
        version.skill_names = [names.get(key, key) for key in version.skills]
    context = {
        "nav": "exercises",
        "filters": form,
        "exercises": shown,
        "can_author": reachable("exercise.author", request.user),
        "drafts": drafts_of(request.user),
    }
    return render(request, "exercises/exercises.html", context)


@guarded("exercise.read")
def exercise(request: HttpRequest, pk: str) -> HttpResponse:
    """One version: what a candidate gets, and the answer key that a candidate never gets."""
    version = get_object_or_404(
        ExerciseVersion.objects.visible_to(request.user).select_related("exercise"), pk=pk
    )
    tab = request.GET.get("tab") if request.GET.get("tab") in TABS else TABS[0]
    flaws = list(version.flaws.all())
    context = {
        "nav": "exercises",
        "version": version,
        "can_author": reachable("exercise.author", request.user),
        "tab": tab,
        "tabs": _tabs(version, tab, len(flaws)),
        "flaws": flaws,
        "files": queries.files_of(version, flaws=flaws if tab == "key" else ()),
        "editions": ExerciseVersion.objects.visible_to(request.user)
        .filter(exercise=version.exercise)
        .order_by("-number"),
    }
    return render(request, "exercises/exercise.html", context)


def _tabs(version: ExerciseVersion, current: str, flaws: int) -> list[dict[str, object]]:
    labels = {
        "brief": (_("Brief"), ""),
        "key": (_("Answer key"), flaws or len(version.expects) or len(version.questions)),
        "probes": (_("Probes"), len(version.probes)),
        "answers": (_("Sample answers"), ""),
        "history": (_("History"), ""),
    }
    return [
        {"url": f"?tab={key}", "label": label, "note": note, "current": key == current}
        for key, (label, note) in labels.items()
    ]
