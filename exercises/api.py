"""`/exercises`: the library's latest versions, without texts, answer keys and probes."""

from typing import Any

from django.db.models import F
from rest_framework.request import Request
from rest_framework.response import Response

from exercises.models import AiPolicy, ExerciseVersion, Kind
from lib.rest import query as params
from lib.rest.operations import (
    TEXT,
    TIMES,
    WHOLE,
    Operation,
    Shape,
    many,
    nullable,
    one_of,
    thing,
)
from lib.rest.operations import UUID as ID
from lib.rest.views import ApiView

Row = dict[str, Any]

EXERCISE = Shape(
    "Exercise",
    thing(
        id=ID,
        exercise_id=ID,
        slug=TEXT,
        version=WHOLE,
        title=TEXT,
        kind=one_of(Kind.values),
        levels=many(TEXT),
        minutes=WHOLE,
        ai_policy=one_of(AiPolicy.values),
        language=nullable(TEXT),
        skills=many(TEXT),
        criteria=many(TEXT),
        **TIMES,
    ),
    {
        "id": "7a6b5c4d-3e2f-4a1b-9c8d-7e6f5a4b3c2d",
        "exercise_id": "8d5f6a1b-0f9c-4a54-8b4e-2c9d1e7f3a22",
        "slug": "risky-endpoint",
        "version": 2,
        "title": "Review a risky endpoint",
        "kind": "endpoint_critique",
        "levels": ["mid", "senior"],
        "minutes": 45,
        "ai_policy": "allowed",
        "language": "python",
        "skills": ["api_design"],
        "criteria": ["tradeoffs"],
        "created_at": "2026-11-20T16:06:47.335473Z",
        "updated_at": "2026-11-20T16:06:47.335473Z",
    },
)
COLUMNS = (
    *("id", "exercise_id", "title", "kind", "levels", "minutes", "ai_policy", "language"),
    *("skills", "criteria", "created_at", "updated_at"),
)


def _narrow(rows: Any, asked: Row) -> Any:
    lookups = {"ids": "pk__in", "kind": "kind"}
    return rows.filter(**{lookups[name]: value for name, value in asked.items()})


class ExerciseList(ApiView):
    operations = {
        "GET": Operation(
            "exercise.read",
            "listExercises",
            "The latest version of each exercise, newest first",
            gives=EXERCISE,
            is_list=True,
            params={
                "ids": params.IDS,
                "kind": params.one_of("Only exercises of this kind.", Kind.values),
            },
        )
    }

    def get(self, request: Request) -> Response:
        rows = (
            ExerciseVersion.objects.visible_to(request.user)
            .latest()
            .values(*COLUMNS, slug=F("exercise__slug"), version=F("number"))
        )
        page = self.page(rows, _narrow)
        return page.response(request, [{**r, "language": r["language"] or None} for r in page.rows])
