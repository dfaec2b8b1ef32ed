"""The diagram beside the editor, for candidates and for authors who preview."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from exercises.models import ExerciseVersion
from screening.queries.schema import given_of, schema_of, takes_sql


def drawn(request: HttpRequest, version: ExerciseVersion | None) -> HttpResponse:
    """SQL that is being typed, drawn. Nothing is kept, nothing executed."""
    if version is None or not takes_sql(version):
        raise Http404
    sql = request.POST.get("ddl", "").replace("\r\n", "\n")
    context = {"schema": schema_of(sql, given=given_of(version))}
    return render(request, "workspace/schema.html", context)
