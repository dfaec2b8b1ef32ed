"""`/screenings`, `/scorecards` and `/results`: read by programs, written by people."""

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from lib.rest import query as params
from lib.rest.operations import Operation
from lib.rest.views import ApiView
from screening import serializers
from screening.actions.reads import note_reads
from screening.models import AssignmentStatus
from screening.queries import api as queries

Row = dict[str, Any]

BY_JOB = params.id_param("Only those of this job.")
BY_APPLICATION = params.id_param("Only those of this application.")
SHARED = {
    "job_id": BY_JOB,
    "application_id": BY_APPLICATION,
    "ids": params.IDS,
    "created_since": params.CREATED_SINCE,
}
SCORE_SAYS = (
    "`raw_score` is 100·Σ wᵢ(vᵢ−min)/(max−min) over the criteria that were observed, with their "
    "weights normalised to sum 1; rounded once, half to even, to 2 places. `coverage` is the "
    "observed share of the weight; below the rubric's `coverage_floor` there is no score."
)


def _narrow(rows: Any, asked: Row) -> Any:
    """Rows of `values()`, which know the job and the application by these names."""
    lookups = {"ids": "pk__in", "created_since": "created_at__gte", "status": "shown_status"}
    return rows.filter(**{lookups.get(name, name): value for name, value in asked.items()})


class ScreeningList(ApiView):
    operations = {
        "GET": Operation(
            "submission.read",
            "listScreenings",
            "Screenings, newest first",
            gives=serializers.SCREENING,
            is_list=True,
            params={
                "status": params.one_of("Only those in this state.", AssignmentStatus.values),
                **SHARED,
            },
            says="One stage given to one application, with who is asked to judge it.",
        )
    }

    def get(self, request: Request) -> Response:
        page = self.page(queries.screening_rows(request.user), _narrow)
        return page.response(request, queries.screenings_out(page.rows))


class ScreeningDetail(ApiView):
    operations = {
        "GET": Operation(
            "submission.read", "getScreening", "One screening", gives=serializers.SCREENING
        )
    }

    def get(self, request: Request, pk: UUID) -> Response:
        found = queries.screenings_out(queries.screening_rows(request.user).filter(pk=pk))
        if not found:
            raise Http404
        return Response(found[0])


class _Scorecards(ApiView):
    def shown(self, rows: list[Row]) -> list[Row]:
        """Reading what others have judged is noted, one's own is not."""
        user = self.request.user
        others = [row for row in rows if row["interviewer_id"] != user.pk]
        read = {row["application_id"]: row["job_id"] for row in others}
        note_reads("read_scorecards", by=user, applications=read.items())
        return queries.scorecards_out(rows)


class ScorecardList(_Scorecards):
    operations = {
        "GET": Operation(
            "scorecard.read",
            "listScorecards",
            "Submitted scorecards, newest first",
            gives=serializers.SCORECARD,
            is_list=True,
            params={
                "screening_id": params.id_param("Only those of this screening."),
                "interviewer_id": params.id_param("Only those of this interviewer."),
                **SHARED,
            },
            says=SCORE_SAYS,
        )
    }

    def get(self, request: Request) -> Response:
        page = self.page(queries.scorecard_rows(request.user), _narrow)
        return page.response(request, self.shown(page.rows))


class ScorecardDetail(_Scorecards):
    operations = {
        "GET": Operation(
            "scorecard.read",
            "getScorecard",
            "One submitted scorecard",
            gives=serializers.SCORECARD,
            headers={"ETag": "The version, for If-None-Match."},
            says=SCORE_SAYS,
        )
    }

    def get(self, request: Request, pk: UUID) -> Response:
        rows = list(queries.scorecard_rows(request.user).filter(pk=pk))
        if not rows:
            raise Http404
        return self.one(self.shown(rows)[0])


def _results(rows: Any, asked: Row) -> Any:
    lookups = {
        "job_id": "job",
        "application_id": "pk",
        "ids": "pk__in",
        "created_since": "created_at__gte",
    }
    found = {lookups[name]: value for name, value in asked.items() if name != "status"}
    if "status" in asked:
        found["is_published"] = asked["status"] == "published"
    return rows.filter(**found)


class ResultList(ApiView):
    operations = {
        "GET": Operation(
            "results.read",
            "listResults",
            "Results, by newest application first",
            gives=serializers.RESULT,
            is_list=True,
            params={
                "status": params.one_of("Only those.", ["provisional", "published"]),
                **SHARED,
            },
            says="Scores as 0-100. `provisional`: scorecards are still due and no number is given; "
            "`published`: all are in, or their date has passed. Where there is too little to "
            "calibrate, `why_not_calibrated` says so in a sentence.",
        )
    }

    def get(self, request: Request) -> Response:
        page = self.page(queries.with_results(request.user), _results)
        data = queries.results_out(page.rows)
        read = {r["application_id"]: r["job_id"] for r in data if r["status"] == "published"}
        note_reads("read_results", by=request.user, applications=read.items())
        return page.response(request, data)
