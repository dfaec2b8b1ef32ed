"""An exercise that is being written, on the very page on which candidates will work on it."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import guarded
from candidates.models import Job
from exercises.models import ExerciseDraft
from exercises.queries.drafts import as_candidates_see_it, criteria
from lib import autosave
from screening.forms.workspace import CommentForm
from screening.models import Assignment, AssignmentStatus
from screening.queries import workspace as queries
from screening.views.schema import drawn


def _own_or_404(request: HttpRequest, pk: UUID) -> ExerciseDraft:
    return get_object_or_404(ExerciseDraft, author=request.user, pk=pk)


@guarded("exercise.author")
@require_http_methods(["GET", "HEAD", "POST"])
def exercise_draft_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET shows the candidate's page; its buttons come here and change nothing."""
    draft = _own_or_404(request, pk)
    here = reverse("exercise_draft_preview", args=[pk])
    if request.method == "POST":
        messages.info(request, _("This is a preview: nothing is saved or handed in."))
        return redirect(here)
    assignment = _assignment(draft)
    page = queries.page_of(assignment)
    context: dict[str, Any] = {
        "page": page,
        "assignment": assignment,
        "job": Job(title=_("Preview")),
        "contact": request.user,
        "step": queries.Step(assignment, 1, page.ai, page.criteria),
        "total": 1,
        "minutes_left": assignment.minutes,
        "owner": f"preview-{request.user.pk}",
        "categories": list(queries.CATEGORIES.items()),
        "comment_form": CommentForm(files=[file.path for file in page.files]),
        "base": "{}",
        "preview": {
            "url": here,
            "save": reverse("exercise_draft_preview_save", args=[pk]),
            "draw": reverse("exercise_draft_preview_erd", args=[pk]),
            "back": reverse("exercise_draft", args=[pk]),
        },
    }
    return render(request, "workspace/preview.html", context)


def _assignment(draft: ExerciseDraft) -> Assignment:
    """An assignment of the draft to nobody, which is never stored."""
    version = as_candidates_see_it(draft)
    chosen = [row for row in criteria() if row.key in version.criteria]
    return Assignment(
        title=version.title,
        exercise_version=version,
        rubric_version_id=chosen[0].version_id if chosen else None,
        criteria=[row.key for row in chosen],
        minutes=version.minutes,
        status=AssignmentStatus.WORKING,
        started_at=timezone.now(),
    )


@guarded("exercise.author")
@require_POST
def exercise_draft_preview_save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answers the candidate's page as if everything were saved."""
    _own_or_404(request, pk)
    try:
        ops = autosave.check(json.loads(request.body)["ops"])
    except (RequestDataTooBig, autosave.TooManyError):
        return JsonResponse({"detail": _("Too much at once.")}, status=413)
    except (ValueError, TypeError, KeyError, RecursionError):
        return JsonResponse({"detail": _("This is no list of changes.")}, status=400)
    answers = [
        {"id": op["id"], "field": op["field"], "status": "ok", "rev": op["base_rev"] + 1}
        for op in ops
    ]
    return JsonResponse({"answers": answers})


@guarded("exercise.author")
@require_POST
def exercise_draft_preview_erd(request: HttpRequest, pk: UUID) -> HttpResponse:
    return drawn(request, as_candidates_see_it(_own_or_404(request, pk)))
