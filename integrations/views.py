from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import guarded
from candidates import rules
from candidates.models import Job
from integrations.actions import map_columns, run_import, upload_csv
from integrations.forms import MappingForm, RunForm, UploadForm
from integrations.models import CsvImport
from integrations.queries import (
    LOOP_AT_ONCE,
    has_loop,
    is_mapped,
    jobs_to_fill,
    left_out,
    plan_of,
    wrong_table,
)
from integrations.tables import read
from lib import csv_out
from lib.errors import Refused

SHOWN = 50
SAMPLE = [
    ["First name", "Last name", "E-mail", "Source", "External id"],
    ["Kim", "Larsen", "kim.larsen@example.com", "Job board", "2041"],
    ["Zoë", "O'Neill", "zoe@example.com", "Referral", "2042"],
    ["Ravi", "Menon", "", "Meet-up, spring", "2043"],
]


def _import(request: HttpRequest, pk: UUID) -> CsvImport:
    found = get_object_or_404(
        CsvImport.objects.visible_to(request.user).select_related("job__level"), pk=pk
    )
    if not rules.may(request.user, "csv.import", found.job):
        raise Http404
    return found


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    form = context.get("form")
    wrong = form is not None and bool(form.errors)
    context = {"nav": "candidates", **context}
    return render(request, f"integrations/{name}.html", context, status=422 if wrong else 200)


def _elsewhere(found: CsvImport) -> HttpResponse | None:
    """Where an import goes on that is not waiting for its columns or its start."""
    if found.status == CsvImport.Status.IMPORTED:
        return redirect("csv_result", pk=found.pk)
    return None if found.text else redirect("csv_upload", pk=found.job_id)


@guarded("csv.import")
@require_safe
def csv_start(request: HttpRequest) -> HttpResponse:
    """Which job the people of a file apply for; with one job there is nothing to ask."""
    jobs = list(jobs_to_fill(request.user))
    if len(jobs) == 1:
        return redirect("csv_upload", pk=jobs[0].pk)
    return _page(request, "csv_start", {"jobs": jobs})


@guarded("csv.import")
@require_http_methods(["GET", "POST"])
def csv_upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("level"), pk=pk)
    if not rules.may(request.user, "csv.import", job):
        raise Http404
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                found = upload_csv(by=request.user, job=job, name=file.name, data=file.read())
            except Refused as refused:
                form.add_error("file", refused.message)
            else:
                return redirect("csv_map", pk=found.pk)
    return _page(request, "csv_upload", {"form": form, "job": job})


@guarded("csv.import")
@require_http_methods(["GET", "POST"])
def csv_map(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _import(request, pk)
    if elsewhere := _elsewhere(found):
        return elsewhere
    table = read(found.text)
    data = request.POST if request.method == "POST" else None
    form = MappingForm(data, header=table.header, mapping=found.mapping)
    if form.is_bound and form.is_valid():
        try:
            map_columns(by=request.user, csv_import=found, mapping=form.mapping)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("csv_preview", pk=found.pk)
    context = {"form": form, "import": found, "table": table, "sample": table.lines[:3]}
    return _page(request, "csv_map", {**context, "is_guessed": "first_name" in found.mapping})


@guarded("csv.import")
@require_safe
def csv_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _import(request, pk)
    if elsewhere := _elsewhere(found):
        return elsewhere
    if not is_mapped(found.mapping):
        return redirect("csv_map", pk=found.pk)
    plan = plan_of(found)
    context = {
        "import": found,
        "plan": plan,
        "shown": f":{SHOWN}",
        "can_assign": len(plan.new) <= LOOP_AT_ONCE and has_loop(found.job),
    }
    return _page(request, "csv_preview", context)


@guarded("csv.import")
@require_POST
def csv_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _import(request, pk)
    form = RunForm(request.POST)
    with_loop = form.is_valid() and form.cleaned_data["with_loop"]
    try:
        run_import(by=request.user, csv_import=found, with_loop=with_loop)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("csv_preview", pk=found.pk)
    return redirect("csv_result", pk=found.pk)


@guarded("csv.import")
@require_safe
def csv_result(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _import(request, pk)
    if found.status != CsvImport.Status.IMPORTED:
        return redirect("csv_preview", pk=found.pk)
    wrong = left_out(found)[1]
    return _page(request, "csv_result", {"import": found, "wrong": wrong, "shown": f":{SHOWN}"})


@guarded("csv.import")
@require_safe
def csv_wrong(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rows left out, before or after the import, to mend and send again."""
    header, wrong = left_out(_import(request, pk))
    if not wrong:
        raise Http404
    return csv_out.attachment(wrong_table(header, wrong), name="rows-left-out.csv")


@guarded("csv.import")
@require_safe
def csv_sample(request: HttpRequest) -> HttpResponse:
    return csv_out.attachment(SAMPLE, name="candidates-sample.csv")
