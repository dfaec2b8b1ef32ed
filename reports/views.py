"""The export centre: ask, watch, download, try again, delete."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import ledger
from accounts.rules import guarded
from lib.errors import Refused
from lib.work import WorkStatus
from reports import actions, downloads, queries
from reports.forms import ExportForm, Selection
from reports.models import Export, Report
from screening.rules import may

PER_PAGE = 25


def _see(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)


@guarded("export.request")
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _ask(request)
    return render(request, "exports/exports.html", _page(request))


def _page(
    request: HttpRequest, form: ExportForm | None = None, problem: str = ""
) -> dict[str, Any]:
    page = Paginator(queries.ended(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "nav": "exports",
        "running": queries.running(request.user),
        "page": page,
        "rows": queries.rows(list(page.object_list)),
        "problem": problem,
        **_new(request, form),
    }


def _new(request: HttpRequest, form: ExportForm | None) -> dict[str, Any]:
    """The form: the candidates of one job, or those a page sent along."""
    ids = Selection.ids(request.GET.getlist("application"))
    jobs = list(queries.jobs(request.user))
    job = None
    if ids:
        found = queries.chosen(request.user, ids)
    else:
        job = _job(request, jobs)
        found = queries.of_job(request.user, job) if job else queries.chosen(request.user, [])
    choices = queries.choices(request.user, found)
    split = {
        "ready": [choice for choice in choices if choice.is_ready],
        "waiting": [choice for choice in choices if not choice.is_ready],
    }
    checked = {choice.application.pk for choice in split["ready"]}
    if form is None:
        form = ExportForm(applications=found)
    else:
        checked = {UUID(pk) for pk in Selection.ids(form.data.getlist("applications"))}
    return {"form": form, "jobs": jobs, "job": job, **split, "checked": checked}


def _job(request: HttpRequest, jobs: list[Any]) -> Any:
    asked = Selection(request.GET)
    wanted = asked.cleaned_data.get("job") if asked.is_valid() else None
    by_pk = {job.pk: job for job in jobs}
    # Without a choice the newest with somebody in it: an empty loop has nothing to export.
    first = next((job for job in jobs if job.candidates), jobs[0] if jobs else None)
    return by_pk.get(wanted, first)


def _ask(request: HttpRequest) -> HttpResponse:
    given = queries.chosen(request.user, Selection.ids(request.POST.getlist("applications")))
    form = ExportForm(request.POST, applications=given)
    problem = ""
    if form.is_valid():
        try:
            actions.request_export(by=request.user, **form.wanted)
        except Refused as refused:
            problem = refused.message
        else:
            return _see(reverse("exports"))
    return render(request, "exports/exports.html", _page(request, form, problem), status=422)


def _row(request: HttpRequest, pk: UUID) -> queries.Row:
    row = queries.row_of(request.user, pk)
    if row is None:
        raise Http404
    return row


@guarded("export.read")
@require_GET
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "exports/export.html", _detail(request, pk))


def _detail(request: HttpRequest, pk: UUID, problem: str = "") -> dict[str, Any]:
    row = _row(request, pk)
    reports = list(queries.reports_of(row.export))
    return {"nav": "exports", "row": row, "reports": reports, "problem": problem}


@guarded("export.read")
@require_GET
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The running batch, asked for every second until it has ended."""
    said = request.GET.get("said", "")
    row = _row(request, pk)
    news = "" if said == str(row.quarter) else row.quarter
    return render(request, "exports/exports.html#export-job", {"row": row, "news": news})


def _act(request: HttpRequest, pk: UUID, action: Any, **what: Any) -> HttpResponse:
    try:
        action(by=request.user, **what)
    except Refused as refused:
        context = _detail(request, pk, refused.message)
        return render(request, "exports/export.html", context, status=422)
    back = reverse("export", args=[pk]) if request.POST.get("back") == "export" else None
    return _see(back or reverse("exports"))


def _mine(request: HttpRequest, pk: UUID) -> Export:
    return get_object_or_404(Export.objects.visible_to(request.user), pk=pk)


@guarded("export.read")
@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _act(request, pk, actions.cancel_export, export=_mine(request, pk))


@guarded("export.read")
@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _act(request, pk, actions.delete_export, export=_mine(request, pk))


@guarded("export.read")
@require_POST
def retry(request: HttpRequest, pk: UUID, report: UUID) -> HttpResponse:
    row = get_object_or_404(queries.reports_of(_mine(request, pk)), pk=report)
    return _act(request, pk, actions.retry_report, report=row)


@guarded("export.read")
@require_POST
def retry_all(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every PDF of the batch that failed."""
    failed = list(queries.reports_of(_mine(request, pk)).filter(status=WorkStatus.FAILED))

    def again(**by: Any) -> None:
        for report in failed:
            actions.retry_report(report=report, **by)

    return _act(request, pk, again)


@guarded("export.read")
@require_GET
def export_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """One PDF, or a ZIP of them; whoever may no longer see a candidate gets none of them."""
    row = _row(request, pk)
    if not row.can_download:
        return _not_there(request, row)
    made = queries.reports_of(row.export).filter(status=WorkStatus.SUCCEEDED)
    return _files(request, row, list(made), is_zip=row.total > 1)


@guarded("export.read")
@require_GET
def report_file(request: HttpRequest, pk: UUID, report: UUID) -> HttpResponseBase:
    row = _row(request, pk)
    found = get_object_or_404(queries.reports_of(row.export), pk=report)
    if found.status != WorkStatus.SUCCEEDED:
        return _not_there(request, row)
    return _files(request, row, [found], is_zip=False)


def _files(
    request: HttpRequest, row: queries.Row, made: list[Report], *, is_zip: bool
) -> HttpResponseBase:
    allowed = [r for r in made if may(request.user, "export.request", r.application)]
    if not allowed:
        raise Http404
    if not downloads.are_there(allowed):
        return _not_there(request, row, is_lost=True)
    _note(request, row.export, allowed)
    if is_zip:
        return downloads.several(row.what, allowed)
    return downloads.single(allowed[0])


def _note(request: HttpRequest, export: Export, reports: Iterable[Report]) -> None:
    """A download is a read of the results: whoever did it cannot judge the candidate any more."""
    ledger.record("download_export", by=request.user, on=export, job=export.job, is_read=True)
    for report in reports:
        application = report.application
        ledger.record(
            "read_results", by=request.user, on=application, job=application.job, is_read=True
        )


def _not_there(request: HttpRequest, row: queries.Row, *, is_lost: bool = False) -> HttpResponse:
    gone = is_lost or row.status == WorkStatus.EXPIRED
    title = _("The files are gone") if gone else _("Not ready yet")
    context = {"nav": "exports", "row": row, "title": title, "is_gone": gone}
    return render(request, "exports/not_there.html", context, status=410 if gone else 409)
