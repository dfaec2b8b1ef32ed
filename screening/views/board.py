from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import ledger
from accounts.rules import guarded, reachable
from candidates import rules as job_rules
from lib.errors import Refused
from screening.actions.candidates import add_candidate
from screening.forms.board import CandidateFilter, CandidateForm
from screening.queries.board import board_of, candidate_rows
from screening.queries.standing import owed_by, standings, with_standing
from screening.views.loops import loop_for

PAGE = 50


@guarded("loop.read")
@require_safe
def board(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = loop_for(request, pk, "loop.read")
    rows = board_of(request.user, found)
    ledger.record("read_identity", by=request.user, on=found.job, job=found.job, is_read=True)
    context = {
        "nav": "loops",
        "loop": found,
        "board": rows,
        "can_add": job_rules.may(request.user, "candidate.write", found.job),
    }
    return render(request, "screening/board.html", context)


@guarded("application.read")
@require_safe
def candidates(request: HttpRequest) -> HttpResponse:
    filters = CandidateFilter(request.GET, user=request.user)
    asked = filters.cleaned_data if filters.is_valid() else {}
    rows = candidate_rows(request.user, **asked)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown = standings(
        with_standing(rows.filter(pk__in=[a.pk for a in page])), owed=owed_by(request.user)
    )
    ledger.record("read_identity", by=request.user, on=request.user, is_read=True)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "nav": "candidates",
        "filters": filters,
        "is_filtered": any(asked.values()),
        "page": page,
        "rows": shown,
        "query": query.urlencode(),
        "can_add": reachable("candidate.write", request.user),
    }
    return render(request, "candidates/candidates.html", context)


@guarded("candidate.write")
@require_http_methods(["GET", "POST"])
def candidate_new(request: HttpRequest) -> HttpResponse:
    initial = {"job": request.GET.get("job"), "with_loop": True}
    form = CandidateForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        if not job_rules.may(request.user, "candidate.write", form.cleaned_data["job"]):
            raise Http404
        try:
            made = add_candidate(by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("application", pk=made.pk)
    context = {
        "nav": "candidates",
        "form": form,
        "has_jobs": form.fields["job"].queryset.exists(),
        "can_create_job": reachable("job.create", request.user),
    }
    return render(
        request, "candidates/candidate_new.html", context, status=422 if form.errors else 200
    )
