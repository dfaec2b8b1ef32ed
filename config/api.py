"""The REST API: its paths, and the description of it that is made from them."""

from functools import lru_cache
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.request import Request

from accounts.api import Me, UserDetail, UserList
from candidates import api as candidates
from exercises.api import ExerciseList
from lib.rest.json import dumps
from lib.rest.operations import Operation
from lib.rest.views import AnyType, ApiView
from reports.api import ExportDetail, ExportFile, ExportList
from rubrics.api import LevelList, RubricList, RubricVersionDetail
from screening import api as screening
from screening.actions.assignments import close_screenings
from screening.queries.api import stages_of

app_name = "api"

SAYS = """Sync jobs, candidates and applications with an ATS, read results, ask for PDFs.

Lists are pages, newest first: follow `next_cursor` or the `Link` header. Errors are
`application/problem+json` with a `code`. Every answer has an `X-Request-Id`. Times are UTC with Z;
times that come in need an offset. Read docs/api.md first."""


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """OpenAPI 3.1 of all paths below."""
    schema = SchemaGenerator(patterns=_described(), api_version="1").get_schema(public=True)
    schema["info"] |= {"version": "1", "description": SAYS}
    return dict(schema)


def _described() -> list[URLPattern]:
    return [path(f"api/v1/{one.pattern}", one.callback, name=one.name) for one in urlpatterns]


class Description(ApiView):
    """Public: what can be asked here is no secret."""

    authentication_classes: list[Any] = []
    content_negotiation_class = AnyType


class DescriptionJson(Description):
    operations = {"GET": Operation("frame.public", "getOpenApiJson", "This description")}

    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(dumps(description()), content_type="application/json")


class DescriptionYaml(Description):
    operations = {
        "GET": Operation(
            "frame.public",
            "getOpenApiYaml",
            "This description as YAML",
            media_types=("application/yaml",),
        )
    }

    def get(self, request: Request) -> HttpResponse:
        text = OpenApiYamlRenderer().render(description())
        return HttpResponse(text, content_type="application/yaml; charset=utf-8")


EXTERNAL = "external/<str:source>/<path:value>"

urlpatterns = [
    path("openapi.json", DescriptionJson.as_view(), name="openapi_json"),
    path("openapi.yaml", DescriptionYaml.as_view(), name="openapi_yaml"),
    path("me", Me.as_view(), name="me"),
    path("users", UserList.as_view(), name="users"),
    path("users/<uuid:pk>", UserDetail.as_view(), name="user"),
    path("levels", LevelList.as_view(), name="levels"),
    path("rubrics", RubricList.as_view(), name="rubrics"),
    path("rubrics/<uuid:pk>/versions/<int:number>", RubricVersionDetail.as_view(), name="rubric"),
    path("exercises", ExerciseList.as_view(), name="exercises"),
    path("jobs", candidates.JobList.as_view(stages=stages_of), name="jobs"),
    path("jobs/<uuid:pk>", candidates.JobDetail.as_view(stages=stages_of), name="job"),
    path(
        f"jobs/{EXTERNAL}",
        candidates.JobExternal.as_view(stages=stages_of),
        name="job_external",
    ),
    path("candidates", candidates.CandidateList.as_view(), name="candidates"),
    path("candidates/<uuid:pk>", candidates.CandidateDetail.as_view(), name="candidate"),
    path(
        f"candidates/{EXTERNAL}", candidates.CandidateExternal.as_view(), name="candidate_external"
    ),
    path(
        "applications",
        candidates.ApplicationList.as_view(then=close_screenings),
        name="applications",
    ),
    path("applications/<uuid:pk>", candidates.ApplicationDetail.as_view(), name="application"),
    path(
        f"applications/{EXTERNAL}",
        candidates.ApplicationExternal.as_view(then=close_screenings),
        name="application_external",
    ),
    path("screenings", screening.ScreeningList.as_view(), name="screenings"),
    path("screenings/<uuid:pk>", screening.ScreeningDetail.as_view(), name="screening"),
    path("scorecards", screening.ScorecardList.as_view(), name="scorecards"),
    path("scorecards/<uuid:pk>", screening.ScorecardDetail.as_view(), name="scorecard"),
    path("results", screening.ResultList.as_view(), name="results"),
    path("exports", ExportList.as_view(), name="exports"),
    path("exports/<uuid:pk>", ExportDetail.as_view(), name="export"),
    path("exports/<uuid:pk>/file", ExportFile.as_view(), name="export_file"),
]
