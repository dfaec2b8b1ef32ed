"""`/levels`, `/rubrics` and their published versions: the standard, without its anchors."""

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from lib.rest.operations import (
    FLAG,
    NUMBER,
    TEXT,
    TIME,
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
from rubrics.models import (
    Criterion,
    CriterionLevel,
    Level,
    Rubric,
    RubricVersion,
    Tier,
    VersionStatus,
)

Row = dict[str, Any]

RUBRIC_ID = "a1d6f0b2-4c1e-4f57-8a52-7b1e9c0d3e5f"
STAMPS = {
    "created_at": "2026-11-20T16:06:47.335473Z",
    "updated_at": "2026-11-20T16:06:47.335473Z",
}
LEVEL = Shape(
    "Level",
    thing(id=ID, key=TEXT, name=TEXT, position=WHOLE, **TIMES),
    {
        "id": "c2f0e7f4-9a3b-4f0c-8f65-0a9b8c7d6e5f",
        "key": "senior",
        "name": "Senior",
        "position": 3,
        **STAMPS,
    },
)
RUBRIC = Shape(
    "Rubric",
    thing(
        id=ID,
        key=TEXT,
        name=TEXT,
        summary=nullable(TEXT),
        versions=many(thing(number=WHOLE, published_at=nullable(TIME))),
        **TIMES,
    ),
    {
        "id": RUBRIC_ID,
        "key": "backend_judgment",
        "name": "Backend judgment",
        "summary": None,
        "versions": [{"number": 1, "published_at": "2026-11-20T16:06:47Z"}],
        **STAMPS,
    },
)
WEIGHT = thing(level=TEXT, weight=NUMBER, bar=WHOLE, is_must_pass=FLAG)
VERSION = Shape(
    "RubricVersion",
    thing(
        id=ID,
        rubric_id=ID,
        number=WHOLE,
        name=TEXT,
        published_at=nullable(TIME),
        coverage_floor=NUMBER,
        scale_min=WHOLE,
        scale_max=WHOLE,
        criteria=many(
            thing(
                key=TEXT,
                name=TEXT,
                description=TEXT,
                skill=TEXT,
                tier=one_of(Tier.values),
                levels=many(WEIGHT),
            )
        ),
        **TIMES,
    ),
    {
        "id": "f0e1d2c3-b4a5-4697-8877-665544332211",
        "rubric_id": RUBRIC_ID,
        "number": 1,
        "name": "Backend judgment",
        "published_at": "2026-11-20T16:06:47Z",
        "coverage_floor": 0.6,
        "scale_min": 1,
        "scale_max": 4,
        "criteria": [
            {
                "key": "tradeoffs",
                "name": "Trade-offs",
                "description": "Names what a choice costs.",
                "skill": "system_design",
                "tier": "judgment",
                "levels": [{"level": "senior", "weight": 35, "bar": 3, "is_must_pass": False}],
            }
        ],
        **STAMPS,
    },
)


def _all(rows: Any, asked: Row) -> Any:
    return rows


class LevelList(ApiView):
    operations = {
        "GET": Operation(
            "catalog.read", "listLevels", "Levels, newest first", gives=LEVEL, is_list=True
        )
    }

    def get(self, request: Request) -> Response:
        rows = Level.objects.values("id", "key", "name", "position", "created_at", "updated_at")
        page = self.page(rows, _all)
        return page.response(request, page.rows)


class RubricList(ApiView):
    operations = {
        "GET": Operation(
            "catalog.read", "listRubrics", "Published rubrics", gives=RUBRIC, is_list=True
        )
    }

    def get(self, request: Request) -> Response:
        published = RubricVersion.objects.filter(status=VersionStatus.PUBLISHED)
        rows = Rubric.objects.filter(Exists(published.filter(rubric=OuterRef("pk")))).values(
            "id", "key", "name", "summary", "created_at", "updated_at"
        )
        page = self.page(rows, _all)
        versions: dict[UUID, list[Row]] = {row["id"]: [] for row in page.rows}
        for rubric, number, at in (
            published.filter(rubric__in=list(versions))
            .order_by("number")
            .values_list("rubric_id", "number", "published_at")
        ):
            versions[rubric].append({"number": number, "published_at": at})
        data = [
            {**row, "summary": row["summary"] or None, "versions": versions[row["id"]]}
            for row in page.rows
        ]
        return page.response(request, data)


class RubricVersionDetail(ApiView):
    operations = {
        "GET": Operation(
            "catalog.read",
            "getRubricVersion",
            "One published version, which never changes",
            gives=VERSION,
            says="Criteria with weight and bar per level. What points look like, answer keys and "
            "probes are not given to programs.",
        )
    }

    def get(self, request: Request, pk: UUID, number: int) -> Response:
        version = (
            RubricVersion.objects.filter(rubric=pk, status=VersionStatus.PUBLISHED)
            .filter(number=min(number, 2**31 - 1))
            .select_related("rubric")
            .first()
        )
        if version is None:
            raise Http404
        return Response(
            {
                "id": version.pk,
                "rubric_id": version.rubric_id,
                "number": version.number,
                "name": version.rubric.name,
                "published_at": version.published_at,
                "coverage_floor": version.coverage_floor,
                "scale_min": 1,
                "scale_max": 4,
                "criteria": _criteria(version),
                "created_at": version.created_at,
                "updated_at": version.updated_at,
            }
        )


def _criteria(version: RubricVersion) -> list[Row]:
    weights: dict[UUID, list[Row]] = {}
    for row in (
        CriterionLevel.objects.filter(criterion__version=version)
        .order_by("level__position")
        .values("criterion_id", "level__key", "weight", "bar", "is_must_pass")
    ):
        weights.setdefault(row.pop("criterion_id"), []).append(
            {"level": row.pop("level__key"), **row}
        )
    found = Criterion.objects.filter(version=version).select_related("skill").order_by("position")
    return [
        {
            "key": criterion.key,
            "name": criterion.name,
            "description": criterion.description,
            "skill": criterion.skill.key,
            "tier": criterion.skill.tier,
            "levels": weights.get(criterion.pk, []),
        }
        for criterion in found
    ]
