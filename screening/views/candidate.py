"""The candidate's way in and out: the link, the list, the promise, the start, the receipt."""

import secrets
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import guarded
from lib.errors import Refused
from screening.actions import submissions as actions
from screening.models import Assignment, AssignmentStatus
from screening.queries import workspace as queries
from screening.queries.candidate import Door, openable, own_assignments
from screening.tokens import digest
from screening.views.candidate_access import (
    door_of,
    for_candidate,
    frame_of,
    give_cookie,
    gone,
    unseen,
)


@guarded("candidate.workspace")
@require_http_methods(["GET", "HEAD", "POST"])
@unseen
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """GET changes nothing: mail scanners and previews fetch links. POST opens it."""
    invitation = openable(secret)
    if invitation is None:
        return gone(request)
    door = door_of(request)
    mine = door.device if door and door.invitation.pk == invitation.pk else ""
    if request.method != "POST":
        context = {
            "job": invitation.application.job,
            "is_elsewhere": bool(invitation.device) and invitation.device != mine,
        }
        return render(request, "workspace/link.html", context)
    try:
        invitation = actions.open_link(secret=secret, device=mine or secrets.token_urlsafe(24))
    except Refused:
        return gone(request)
    response = redirect("work")
    give_cookie(request, response, invitation=invitation, digest=digest(secret))
    return response


@guarded("candidate.workspace")
@require_http_methods(["GET", "HEAD", "POST"])
@for_candidate(any_device=True, before_consent=True)
def work(request: HttpRequest, door: Door) -> HttpResponse:
    """All exercises of the link. POST goes on here after another device took over."""
    if request.method == "POST":
        actions.take_over(invitation=door.invitation, device=door.device)
        return redirect("work")
    if not door.is_active:
        return render(
            request,
            "workspace/elsewhere.html",
            {"job": door.invitation.application.job},
            status=409,
        )
    if door.invitation.consented_at is None:
        return redirect("consent")
    steps = queries.steps(door.invitation)
    context = frame_of(door) | {
        "steps": steps,
        "has_todo": any(not step.is_done for step in steps),
    }
    return render(request, "workspace/work.html", context)


@guarded("candidate.workspace")
@require_http_methods(["GET", "HEAD", "POST"])
@for_candidate(before_consent=True)
def consent(request: HttpRequest, door: Door) -> HttpResponse:
    """What is judged, whether AI is allowed, when data is deleted: before anything starts."""
    is_missing = request.method == "POST" and not request.POST.get("agree")
    if request.method == "POST" and not is_missing:
        actions.consent(invitation=door.invitation)
        return redirect("work")
    context = frame_of(door) | {
        "steps": queries.steps(door.invitation),
        "is_missing": is_missing,
        "has_agreed": door.invitation.consented_at is not None,
    }
    return render(request, "workspace/consent.html", context, status=422 if is_missing else 200)


def own_or_404(door: Door, pk: UUID) -> Assignment:
    assignment = own_assignments(door.invitation).filter(pk=pk).first()
    if assignment is None:
        raise Http404
    return assignment


@guarded("candidate.workspace")
@require_http_methods(["GET", "HEAD", "POST"])
@for_candidate()
def work_start(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    assignment = own_or_404(door, pk)
    problem = ""
    if assignment.status == AssignmentStatus.INVITED and request.method == "POST":
        try:
            actions.start(invitation=door.invitation, assignment=assignment)
        except Refused as refused:
            problem = refused.message
    if assignment.status == AssignmentStatus.WORKING:
        return redirect("workspace", pk=pk)
    if assignment.status != AssignmentStatus.INVITED:
        return redirect("receipt", pk=pk)
    context: dict[str, Any] = frame_of(door) | {
        "assignment": assignment,
        "criteria": queries.criteria(assignment),
        "steps": queries.steps(door.invitation),
        "problem": problem,
    }
    return render(request, "workspace/start.html", context, status=422 if problem else 200)


@guarded("candidate.workspace")
@require_safe
@for_candidate()
def receipt(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    assignment = own_or_404(door, pk)
    if assignment.status in {AssignmentStatus.INVITED, AssignmentStatus.WORKING}:
        return redirect("work_start", pk=pk)
    context = frame_of(door) | {
        "page": queries.page_of(assignment),
        "assignment": assignment,
        "todo": [step for step in queries.steps(door.invitation) if not step.is_done],
    }
    return render(request, "workspace/receipt.html", context)
