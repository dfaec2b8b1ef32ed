from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import ledger
from accounts.rules import guarded
from candidates.models import Application
from screening import rules
from screening.actions import assignments as actions
from screening.forms.board import REASONS, PanelForm, StatusForm
from screening.models import Assignment, Scorecard, Stage
from screening.queries.applications import page_of
from screening.queries.panel import proposals_for
from screening.queries.standing import owed_by
from screening.views.answers import application_for, attempt, back


def home_of(application: Application) -> str:
    return reverse("application", args=[application.pk])


def application_page(
    request: HttpRequest, found: Application, *, secret_url: str = ""
) -> HttpResponse:
    columns = rules.columns(request.user, found)
    context = {
        "nav": "candidates",
        "page": page_of(request.user, found),
        "can": {
            name: rules.allows(action, columns)
            for name, action in {
                "link": "link.manage",
                "assign": "panel.assign",
                "time": "time.extend",
                "write": "application.write",
                "results": "results.read",
            }.items()
        },
        "status_form": StatusForm(initial={"status": found.status}),
        "reasons": REASONS,
        "secret_url": secret_url,
    }
    return render(request, "screening/application.html", context)


@guarded("application.read")
@require_safe
def application(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = application_for(request, pk, "application.read")
    ledger.record("read_identity", by=request.user, on=found, job=found.job, is_read=True)
    return application_page(request, found)


@guarded("panel.assign")
@require_POST
def application_assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = application_for(request, pk, "panel.assign")
    attempt(request, lambda: actions.assign_loop(by=request.user, application=found))
    return back(request, home_of(found))


@guarded("panel.assign")
@require_POST
def application_stage(request: HttpRequest, pk: UUID, stage: UUID) -> HttpResponse:
    found = application_for(request, pk, "panel.assign")
    wanted = get_object_or_404(Stage, pk=stage, loop__job=found.job_id)
    attempt(
        request,
        lambda: actions.assign_stage(by=request.user, application=found, stage=wanted),
        _("%(title)s is added.") % {"title": wanted.title},
    )
    return back(request, home_of(found))


@guarded("application.write")
@require_POST
def application_status(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = application_for(request, pk, "application.write")
    form = StatusForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a status; the note takes up to 500 characters."))
        return back(request, home_of(found))
    attempt(
        request,
        lambda: actions.end_application(by=request.user, application=found, **form.cleaned_data),
        _("The status is saved."),
    )
    return back(request, home_of(found))


@guarded("panel.assign")
@require_POST
def panel_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Assignment.objects.visible_to(request.user), pk=pk)
    found = application_for(request, row.application_id, "panel.assign")
    form = PanelForm(request.POST, proposals=proposals_for(row, owed=owed_by(request.user)))
    if not form.is_valid():
        messages.error(request, _("Choose one of the interviewers proposed."))
        return back(request, home_of(found))
    chosen = form.cleaned_data["interviewer"]
    attempt(
        request,
        lambda: actions.assign_interviewer(by=request.user, assignment=row, interviewer=chosen),
        _("%(name)s is asked.") % {"name": chosen.name},
    )
    return back(request, f"{home_of(found)}#stage-{row.pk}")


def _of_others(request: HttpRequest, pk: UUID, action: str) -> tuple[Scorecard, Application]:
    """A scorecard whose panel this user may manage: not while owing one of their own there."""
    rows = Scorecard.objects.select_related("assignment", "interviewer")
    card = get_object_or_404(rows, pk=pk)
    found = application_for(request, card.assignment.application_id, action)
    if card.interviewer_id != request.user.pk and found.pk in owed_by(request.user):
        raise Http404
    return card, found


@guarded("panel.assign")
@require_POST
def panel_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    card, found = _of_others(request, pk, "panel.assign")
    attempt(
        request,
        lambda: actions.unassign_interviewer(by=request.user, scorecard=card),
        _("%(name)s is off the panel.") % {"name": card.interviewer.name},
    )
    return back(request, f"{home_of(found)}#stage-{card.assignment_id}")


@guarded("panel.assign")
@require_POST
def panel_remind(request: HttpRequest, pk: UUID) -> HttpResponse:
    card, found = _of_others(request, pk, "panel.assign")
    link = request.build_absolute_uri(reverse("scorecard", args=[card.pk]))
    attempt(
        request,
        lambda: actions.remind(by=request.user, scorecard=card, link=link),
        _("%(name)s is reminded.") % {"name": card.interviewer.name},
    )
    return back(request, home_of(found))
