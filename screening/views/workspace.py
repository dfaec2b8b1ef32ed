"""The workspace: reading the task, saving, transcripts, reviewing and handing in."""

import json
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import guarded
from lib import autosave
from lib.errors import Refused
from screening.actions import submissions as actions
from screening.actions.candidate_files import PORTFOLIO
from screening.forms.workspace import CommentForm, form_ops, one_op
from screening.models import Assignment, AssignmentStatus, Submission
from screening.queries import workspace as queries
from screening.queries.candidate import Door, without_key
from screening.queries.parts import asked_part
from screening.views.candidate import own_or_404
from screening.views.candidate_access import elsewhere, for_candidate, frame_of, unseen
from screening.views.candidate_saving import Save, answer_saved, draft_owner, wrong_of
from screening.views.schema import drawn


def shown(
    request: HttpRequest,
    door: Door,
    assignment: Assignment,
    *,
    template: str = "workspace/workspace.html",
    status: int = 200,
    typed: dict[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    part = asked_part(request.GET.get("part", ""))
    page = queries.page_of(assignment, typed=typed, part=part)
    steps = queries.steps(door.invitation)
    paths = [file["path"] for file in page.exercise.artefacts]
    editing = request.GET.get("edit", "")[:36]
    initial = next((one for one in page.comments if one["uuid"] == editing), None)
    context: dict[str, Any] = frame_of(door) | {
        "page": page,
        "assignment": assignment,
        "step": next(step for step in steps if step.assignment.pk == assignment.pk),
        "total": len(steps),
        "now": timezone.now(),
        "minutes_left": queries.minutes_left(assignment),
        "owner": draft_owner(door),
        "comment_url": reverse("work_comment", args=[assignment.pk]),
        "portfolio_suffixes": ",".join(PORTFOLIO),
        "categories": list(queries.CATEGORIES.items()),
        "comment_form": CommentForm(files=paths, initial=initial),
        "base": json.dumps(autosave.revisions(page.work.fields)),
    }
    return render(request, template, context | more, status=status)


def _closed(assignment: Assignment) -> HttpResponse | None:
    """Where somebody belongs whose exercise is not being worked on."""
    if assignment.status == AssignmentStatus.INVITED:
        return redirect("work_start", pk=assignment.pk)
    if assignment.status != AssignmentStatus.WORKING:
        return redirect("receipt", pk=assignment.pk)
    return None


@guarded("candidate.workspace")
@require_http_methods(["GET", "HEAD", "POST"])
@for_candidate(any_device=True)
def workspace(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    """GET shows it; POST saves every field at once, for browsers without the script."""
    assignment = own_or_404(door, pk)
    away = _closed(assignment)
    if away:
        return away
    if request.method == "POST":
        return _saved(request, door, assignment)
    if not door.is_active:
        return elsewhere(request, door)
    return shown(request, door, assignment)


def _saved(request: HttpRequest, door: Door, assignment: Assignment) -> HttpResponse:
    # The script has sent everything before it lets the form go, and says so with `revisions`.
    if "revisions" not in request.POST:
        work = (
            Submission.objects.select_related("assignment__exercise_version")
            .defer(*without_key("assignment__exercise_version__"))
            .get(assignment=assignment)
        )
        typed = {name: request.POST[name] for name in request.POST if name != "base"}
        try:
            answers = _save(door, assignment, form_ops(work, request.POST))
        except actions.OtherDevice:
            return elsewhere(request, door)
        except Refused as refused:
            return shown(
                request, door, assignment, status=422, problem=refused.message, typed=typed
            )
        wrong = wrong_of(answers)
        if wrong:
            return shown(request, door, assignment, status=422, problem=wrong, typed=typed)
    if "review" in request.POST:
        return redirect("hand_in_review", pk=assignment.pk)
    messages.success(request, _("Saved."))
    return redirect("workspace", pk=assignment.pk)


def _save(door: Door, assignment: Assignment, ops: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return actions.save_work(
        invitation=door.invitation, assignment=assignment, ops=ops, device=door.device
    )


@guarded("candidate.workspace")
@require_POST
@unseen
def work_save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Autosave of one exercise."""

    def save_for(door: Door) -> Save:
        assignment = Assignment.objects.filter(
            pk=pk, application=door.invitation.application_id
        ).first()
        if assignment is None:
            raise Http404
        return partial(_save, door, assignment)

    return answer_saved(request, save_for)


@guarded("candidate.workspace")
@require_safe
@for_candidate()
def work_clock(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    """The clock alone, so that time given by the recruiter shows without a reload."""
    assignment = own_or_404(door, pk)
    context = {
        "assignment": assignment,
        "now": timezone.now(),
        "minutes_left": queries.minutes_left(assignment),
    }
    return render(request, "workspace/clock.html", context)


@guarded("candidate.workspace")
@require_POST
@for_candidate()
def work_erd(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    assignment = own_or_404(door, pk)
    if assignment.status != AssignmentStatus.WORKING:
        raise Http404
    return drawn(request, assignment.exercise_version)


@guarded("candidate.workspace")
@require_POST
@for_candidate()
def work_comment(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    """One comment without the script: written, changed or removed."""
    assignment = own_or_404(door, pk)
    page = queries.page_of(assignment)
    if "remove" in request.POST:
        field, value = f"comment:{request.POST['remove'][:36]}", None
    else:
        paths = [file["path"] for file in page.exercise.artefacts]
        form = CommentForm(request.POST, files=paths)
        if not form.is_valid():
            return shown(request, door, assignment, status=422, comment_form=form)
        field, value = form.field, form.value
    try:
        [answer] = _save(door, assignment, [one_op(page.work, field, value)])
    except Refused as refused:
        return shown(request, door, assignment, status=422, problem=refused.message)
    if wrong := wrong_of([answer]):
        more = {"comment_form": form} if value else {}
        return shown(request, door, assignment, status=422, problem=wrong, **more)
    return redirect(f"{reverse('workspace', args=[pk])}#comments")


@guarded("candidate.workspace")
@require_POST
@for_candidate()
def transcript_add(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    assignment = own_or_404(door, pk)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Refused(_("Choose a file first."))
        actions.attach_transcript(invitation=door.invitation, assignment=assignment, upload=upload)
    except Refused as refused:
        if refused.code == "sealed":
            return redirect("receipt", pk=pk)
        return shown(request, door, assignment, status=422, file_problem=refused.message)
    return redirect(f"{reverse('workspace', args=[pk])}#ai")


@guarded("candidate.workspace")
@require_POST
@for_candidate()
def transcript_remove(request: HttpRequest, door: Door, pk: UUID, attachment: UUID) -> HttpResponse:
    assignment = own_or_404(door, pk)
    try:
        actions.remove_file(
            invitation=door.invitation, assignment=assignment, attachment=attachment
        )
    except Refused:
        return redirect("receipt", pk=pk)
    return redirect(f"{reverse('workspace', args=[pk])}#ai")


def _review(
    request: HttpRequest, door: Door, assignment: Assignment, *, problem: str = ""
) -> HttpResponse:
    work = Submission.objects.get(assignment=assignment)
    return shown(
        request,
        door,
        assignment,
        template="workspace/review.html",
        status=422 if problem else 200,
        problem=problem,
        seen=actions.fingerprint(work),
    )


@guarded("candidate.workspace")
@require_safe
@for_candidate()
def hand_in_review(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    """Everything as the panel will read it, before it is closed."""
    assignment = own_or_404(door, pk)
    return _closed(assignment) or _review(request, door, assignment)


@guarded("candidate.workspace")
@require_POST
@for_candidate()
def hand_in(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    assignment = own_or_404(door, pk)
    if assignment.status == AssignmentStatus.INVITED:
        return redirect("work_start", pk=pk)
    try:
        actions.hand_in(
            invitation=door.invitation,
            assignment=assignment,
            seen=request.POST.get("seen", ""),
            no_ai=bool(request.POST.get("no_ai")),
        )
    except Refused as refused:
        return _review(request, door, assignment, problem=refused.message)
    return redirect("receipt", pk=pk)
