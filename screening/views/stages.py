from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import guarded
from exercises.models import ExerciseVersion
from lib.errors import Refused
from screening.actions import loops as actions
from screening.forms.loops import LibraryFilter, MoveForm, StageForm
from screening.models import Stage
from screening.queries.loops import library
from screening.views.loops import after_change, loop_for


def _stage_for(request: HttpRequest, pk: UUID) -> Stage:
    stage = get_object_or_404(Stage.objects.select_related("exercise_version"), pk=pk)
    stage.loop = loop_for(request, stage.loop_id, "loop.edit")
    return stage


@guarded("loop.edit")
@require_safe
def loop_library(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = loop_for(request, pk, "loop.edit")
    filters = LibraryFilter(request.GET)
    asked = filters.cleaned_data if filters.is_valid() else {}
    rows = library(
        words=asked.get("q", ""), kind=asked.get("kind", ""), level=asked.get("level", "")
    )
    known = dict(found.rubric_version.criteria.values_list("key", "short_name"))
    exercises = list(rows)
    for row in exercises:
        row.shows = [known[key] for key in row.criteria if key in known][: Stage.MAX_CRITERIA]
    context = {
        "nav": "loops",
        "loop": found,
        "filters": filters,
        "exercises": exercises,
        "used": set(found.stages.values_list("exercise_version__exercise_id", flat=True)),
    }
    return render(request, "screening/loop_library.html", context)


@guarded("loop.edit")
@require_POST
def stage_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = loop_for(request, pk, "loop.edit")
    error = ""
    try:
        wanted = request.POST.get("exercise", "")
        version = (
            get_object_or_404(ExerciseVersion.objects.latest(), pk=UUID(wanted)) if wanted else None
        )
        made = actions.add_stage(by=request.user, loop=found, exercise_version=version)
    except ValueError:
        error = _("Choose an exercise of the library.")
    except Refused as refused:
        error = refused.message
    else:
        if version is None:
            return redirect("stage", pk=made.pk)
    return after_change(request, found, error)


@guarded("loop.edit")
@require_http_methods(["GET", "POST"])
def stage(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _stage_for(request, pk)
    form = StageForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_stage(by=request.user, stage=found, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return redirect(f"{reverse('loop', args=[found.loop_id])}#stages")
    proposed = found.exercise_version.criteria if found.exercise_version else []
    context = {
        "nav": "loops",
        "form": form,
        "stage": found,
        "loop": found.loop,
        "proposed": [
            name
            for key, name in found.loop.rubric_version.criteria.values_list("key", "name")
            if key in proposed
        ],
    }
    return render(request, "screening/stage.html", context, status=422 if form.errors else 200)


@guarded("loop.edit")
@require_POST
def stage_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _stage_for(request, pk)
    form = MoveForm(request.POST)
    error = ""
    if form.is_valid():
        try:
            actions.move_stage(by=request.user, stage=found, **form.cleaned_data)
        except Refused as refused:
            error = refused.message
    else:
        error = _("Choose a position in the list.")
    return after_change(request, found.loop, error)


@guarded("loop.edit")
@require_POST
def stage_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _stage_for(request, pk)
    error = ""
    try:
        actions.remove_stage(by=request.user, stage=found)
    except Refused as refused:
        error = refused.message
    return after_change(request, found.loop, error)


@guarded("loop.edit")
@require_POST
def stage_renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the newest edition of the stage's exercise."""
    found = _stage_for(request, pk)
    error = ""
    latest = ExerciseVersion.objects.latest().filter(
        exercise=found.exercise_version.exercise_id if found.exercise_version else None
    )
    try:
        actions.update_stage(by=request.user, stage=found, exercise_version=latest.get())
    except ExerciseVersion.DoesNotExist:
        error = _("This stage has no exercise to renew.")
    except Refused as refused:
        error = refused.message
    return after_change(request, found.loop, error)
