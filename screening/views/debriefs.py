"""The panel compares; a person decides, with a reason."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import ledger
from accounts.rules import guarded
from candidates.models import Application, ApplicationStatus, TeamRole
from lib import forest_rows
from lib.errors import Refused
from screening import rules
from screening.actions.decisions import record_decision
from screening.actions.reads import note_reads
from screening.forms.decisions import DebriefFilter, DecisionForm
from screening.models import Outcome
from screening.queries import debriefs as queries
from screening.queries import debriefs_page as pages
from screening.queries.decisions import may_decide
from screening.queries.results import results_of

PER_PAGE = 50


@guarded("results.read")
@require_safe
def debriefs(request: HttpRequest) -> HttpResponse:
    filters = DebriefFilter(request.GET, jobs=queries.jobs(request.user))
    found = _filtered(queries.listed(request.user), filters)
    page = Paginator(found.order_by("-created_at", "pk"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "nav": "debriefs",
        "filters": filters,
        "is_filtered": bool(query),
        "page": page,
        "rows": queries.rows(list(page.object_list), request.user),
        "base": query.urlencode(),
    }
    return render(request, "screening/debriefs.html", context)


def _filtered(found: QuerySet[Application], filters: DebriefFilter) -> QuerySet[Application]:
    asked = filters.cleaned_data if filters.is_valid() else {}
    if asked.get("status") != "all":
        found = found.filter(status=ApplicationStatus.IN_PROCESS)
    return found.filter(job=asked["job"]) if asked.get("job") else found


@guarded("results.read")
@require_http_methods(["GET", "HEAD", "POST"])
def debrief(request: HttpRequest, pk: UUID) -> HttpResponse:
    application = get_object_or_404(
        queries.readable(request.user).select_related("job__level", "candidate"), pk=pk
    )
    if not rules.may(request.user, "results.read", application):
        raise Http404
    if request.method == "POST":
        return _decide(request, application)
    return _show(request, application, DecisionForm(initial=_newest(application)))


def _decide(request: HttpRequest, application: Application) -> HttpResponse:
    if not may_decide(request.user, application):
        raise Http404
    form = DecisionForm(request.POST)
    if form.is_valid():
        try:
            made = record_decision(by=request.user, application=application, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            words = {"outcome": Outcome(made.outcome).label, "code": application.code}
            messages.success(request, _("%(code)s: %(outcome)s is recorded.") % words)
            return redirect("debrief", pk=application.pk)
    return _show(request, application, form, status=422)


def _newest(application: Application) -> dict[str, str]:
    last = application.decisions.first()
    return {"outcome": last.outcome} if last else {}


def _show(
    request: HttpRequest, application: Application, form: DecisionForm, status: int = 200
) -> HttpResponse:
    """One read in the ledger, however much of the panel's work is on the page."""
    compared, standing = queries.compared(application, request.user)
    panel = standing[application.pk]
    before, after = queries.beside(compared, application)
    context = {
        "nav": "debriefs",
        "application": application,
        "panel": panel,
        "row": queries.Row(application, panel, None),
        "before": before,
        "after": after,
    }
    if not panel.is_open:
        return render(request, "screening/debrief_shut.html", context, status=status)
    ledger.record(
        "read_debrief", by=request.user, on=application, job=application.job, is_read=True
    )
    # The comparison tells the others' results too, so nobody judges those blind after it.
    others = [(row.pk, row.job_id) for row in compared if row.pk != application.pk]
    note_reads("read_results", by=request.user, applications=others)
    return render(
        request,
        _template(request),
        context | _compared(request, application, compared) | _deciding(request, application, form),
        status=status,
    )


def _template(request: HttpRequest) -> str:
    """Opening a cell asks for the notes and the map with the cell marked."""
    asked = request.headers.get("HX-Target") == "notes"
    return "screening/debrief_cell.html" if asked else "screening/debrief.html"


def _compared(
    request: HttpRequest, application: Application, candidates: list[Application]
) -> dict[str, object]:
    results = results_of(candidates)
    result = results[application.pk]
    is_sorted = request.GET.get("order") == "calibrated"
    if is_sorted:
        results = pages.by_calibrated(results)
    bar_label = _("%(level)s bar %(bar)s") % {"level": result.level, "bar": result.bar}
    cards = pages.cards_of(application, request.user)
    return {
        "result": result,
        "lines": pages.forest(results, application),
        "is_sorted": is_sorted,
        "can_sort": any(r.calibrated for r in results.values()),
        "axis": forest_rows.axis(),
        "foot": forest_rows.foot(result.bar, bar_label) if result.bar is not None else "",
        "page": pages.page(result, cards, wanted=request.GET.get("cell", "")),
        "order": "order=calibrated&" if is_sorted else "",
        "here": reverse("debrief", args=[application.pk]),
    }


def _deciding(
    request: HttpRequest, application: Application, form: DecisionForm
) -> dict[str, object]:
    decided = list(application.decisions.select_related("by"))
    managers = application.job.team.filter(role=TeamRole.HIRING_MANAGER).select_related("user")
    return {
        "form": form,
        "can_decide": may_decide(request.user, application),
        "decision": decided[0] if decided else None,
        "earlier": decided[1:],
        "owners": ", ".join(member.user.name for member in managers),
    }


@guarded("frame.home")
@require_safe
def method(request: HttpRequest) -> HttpResponse:
    return render(request, "screening/method.html", {"nav": "debriefs"})
