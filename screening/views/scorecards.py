"""One scorecard: read the work, give points, submit, amend, or step back."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.rules import guarded
from lib.autosave import TooManyError
from lib.errors import Refused
from screening import rules
from screening.actions import scorecards as actions
from screening.forms.scorecards import AmendForm, DeclineForm, posted_ops, posted_revisions
from screening.models import Rating, Scorecard, ScorecardStatus
from screening.queries import inbox, scorecard_page, scorecards, work
from screening.queries.parts import asked_part
from screening.queries.results_open import debrief_is_open

RELATED = (
    "assignment__application__job__level",
    "assignment__exercise_version",
    "assignment__rubric_version",
    "assignment__submission",
)


def _own(user: User, pk: UUID) -> Scorecard:
    cards = scorecards.own(user).select_related(*RELATED)
    return get_object_or_404(cards.prefetch_related("assignment__exercise_version__flaws"), pk=pk)


@guarded("scorecard.write")
@require_http_methods(["GET", "HEAD", "POST"])
def scorecard(request: HttpRequest, pk: UUID) -> HttpResponse:
    card = _own(request.user, pk)
    if request.method == "POST":
        return _save_form(request, card)
    if card.status == ScorecardStatus.SUBMITTED:
        return _read(request, card)
    return _write(request, card)


@guarded("scorecard.write")
@require_POST
def save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The autosave of one draft: JSON in, one answer per op."""
    card = get_object_or_404(scorecards.own(request.user).only("pk", "interviewer"), pk=pk)
    try:
        ops = json.loads(request.body)["ops"]
        answers = actions.save_scorecard(by=request.user, scorecard=card, ops=ops)
    except TooManyError:
        return JsonResponse({"detail": _("Too many changes at once.")}, status=413)
    except (ValueError, KeyError, TypeError, RecursionError):
        return JsonResponse({"detail": _("This is not a list of changes.")}, status=400)
    except Refused as refused:
        return JsonResponse({"detail": refused.message}, status=409)
    return JsonResponse({"answers": answers})


@guarded("scorecard.write")
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """First what would be submitted and what is missing; then the submission itself."""
    card = _own(request.user, pk)
    if request.method != "POST":
        if card.status == ScorecardStatus.SUBMITTED:
            return redirect("scorecard", pk=pk)
        return render(request, _summary_template(request), _summary(card))
    try:
        actions.submit_scorecard(
            by=request.user, scorecard=card, revisions=posted_revisions(request.POST)
        )
    except Refused as refused:
        card.refresh_from_db(fields=["fields"])
        context = _summary(card) | {"problem": _problem(refused)}
        return render(request, _summary_template(request), context, status=422)
    messages.success(request, _("Submitted. Later changes are amendments with a reason."))
    return redirect("scorecard", pk=pk)


@guarded("scorecard.amend")
@require_POST
def amend(request: HttpRequest, pk: UUID, rating_pk: UUID) -> HttpResponse:
    card = _own(request.user, pk)
    rating = get_object_or_404(Rating, pk=rating_pk, scorecard=card)
    form = AmendForm(request.POST, rating=rating)
    if form.is_valid():
        try:
            actions.amend_rating(
                by=request.user,
                rating=rating,
                point=form.chosen,
                evidence=form.cleaned_data["evidence"],
                reason=form.cleaned_data["reason"],
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("Amended. The first judgement stays beside it."))
            return redirect("scorecard", pk=pk)
    return _read(request, card, amending=(rating, form))


@guarded("scorecard.write")
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    card = _own(request.user, pk)
    if card.status == ScorecardStatus.SUBMITTED:
        return redirect("scorecard", pk=pk)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.decline_scorecard(
                by=request.user, scorecard=card, reason=form.cleaned_data["reason"]
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            code = card.assignment.application.code
            messages.success(request, _("Declined. You no longer have access to %s.") % code)
            return redirect("inbox")
    status = 422 if form.errors else 200
    context = {"nav": "inbox", "form": form, **_about(card)}
    return render(request, "screening/scorecard_decline.html", context, status=status)


def _about(card: Scorecard) -> dict[str, Any]:
    return {
        "card": card,
        "assignment": card.assignment,
        "application": card.assignment.application,
        "job": card.assignment.application.job,
        "panel": card.assignment.scorecards.exclude(status=ScorecardStatus.DECLINED).count(),
    }


def _write(
    request: HttpRequest, card: Scorecard, *, problems: list[Any] | None = None
) -> HttpResponse:
    level = card.assignment.application.job.level
    judged = scorecards.aspects(card.assignment, level)
    is_open = scorecards.can_be_scored(card.assignment)
    context = {
        **_about(card),
        "work": work.work_of(card, part=asked_part(request.GET.get("part", ""))),
        "rows": scorecard_page.rows(card, judged),
        "scored": scorecards.scored_count(card, judged),
        "recommendations": scorecard_page.recommendations(card),
        "revisions": scorecard_page.revisions(card),
        "summary": card.value("summary") or "",
        "revs": {name: scorecard_page.rev(card, name) for name in ("recommendation", "summary")},
        "is_open": is_open,
        "problems": problems,
        "decline_form": DeclineForm(),
    }
    return render(request, "screening/scorecard.html", context, status=422 if problems else 200)


def _read(
    request: HttpRequest, card: Scorecard, *, amending: tuple[Rating, AmendForm] | None = None
) -> HttpResponse:
    application = card.assignment.application
    judged = scorecard_page.judged(card, application.job.level)
    may_compare = rules.may(request.user, "results.read", application)
    open_form = {amending[0].pk: amending[1]} if amending else {}
    context = {
        **_about(card),
        "work": work.work_of(card, part=asked_part(request.GET.get("part", ""))),
        "judged": [
            (row, open_form.get(row.rating.pk) or AmendForm(rating=row.rating)) for row in judged
        ],
        "amending": amending[0].pk if amending else None,
        "may_compare": may_compare,
        "is_debrief_open": may_compare and debrief_is_open(application),
        "next": inbox.next_to_score(request.user, after=card),
    }
    return render(
        request, "screening/scorecard_read.html", context, status=422 if amending else 200
    )


def _save_form(request: HttpRequest, card: Scorecard) -> HttpResponse:
    """The whole form at once, as a browser without JavaScript sends it."""
    try:
        answers = actions.save_scorecard(
            by=request.user, scorecard=card, ops=posted_ops(card, request.POST)
        )
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("scorecard", pk=card.pk)
    card.refresh_from_db(fields=["fields"])
    problems = [_clash(answer, request) for answer in answers if answer["status"] != "ok"]
    if problems:
        return _refuse_form(request, card, problems)
    if "keep" in request.POST:
        messages.success(request, _("Saved as a draft."))
        return redirect("scorecard", pk=card.pk)
    if request.htmx:
        return render(request, _summary_template(request), _summary(card))
    return redirect("scorecard_submit", pk=card.pk)


def _refuse_form(
    request: HttpRequest, card: Scorecard, problems: list[dict[str, Any]]
) -> HttpResponse:
    if request.htmx:
        context = _summary(card) | {"problems": problems}
        return render(request, _summary_template(request), context, status=422)
    return _write(request, card, problems=problems)


def _clash(answer: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    return {
        "field": answer["field"],
        "message": answer.get("message", ""),
        "yours": request.POST.get(answer["field"], ""),
        "saved": answer.get("theirs", ""),
    }


def _summary_template(request: HttpRequest) -> str:
    page = "screening/scorecard_submit.html"
    return f"{page}#submit-dialog" if request.htmx else page


def _summary(card: Scorecard) -> dict[str, Any]:
    judged = scorecards.aspects(card.assignment, card.assignment.application.job.level)
    chosen = [row.label for row in scorecard_page.recommendations(card) if row.is_chosen]
    return {
        **_about(card),
        "nav": "inbox",
        "missing": scorecards.missing(card, judged),
        "bare": scorecards.without_evidence(card, judged),
        "scored": scorecards.scored_count(card, judged),
        "criteria": len(judged),
        "recommendation": chosen[0] if chosen else "",
        "revisions": scorecard_page.revisions(card),
        "abstains": scorecards.would_abstain(card, judged),
    }


def _problem(refused: Refused) -> str:
    if isinstance(refused, actions.Incomplete):
        return _("This was not submitted: something is missing.")
    return refused.message
