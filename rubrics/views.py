from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.rules import guarded
from rubrics.models import Anchor, CriterionLevel, Level, RubricVersion


@guarded("key.read")
def rubric(request: HttpRequest, pk: str) -> HttpResponse:
    """A rubric version as it reads at one level: weights, bars and anchors."""
    version = get_object_or_404(
        RubricVersion.objects.visible_to(request.user).select_related("rubric"), pk=pk
    )
    levels = list(Level.objects.all())
    level = next((one for one in levels if one.key == request.GET.get("level")), levels[-1])
    at_level = CriterionLevel.objects.filter(level=level)
    criteria = list(
        version.criteria.select_related("skill").prefetch_related(
            Prefetch("levels", queryset=at_level, to_attr="at_level"),
            Prefetch("anchors", queryset=Anchor.objects.for_level(level), to_attr="here"),
        )
    )
    total = sum(one.at_level[0].weight for one in criteria if one.at_level)
    for one in criteria:
        one.standard = one.at_level[0] if one.at_level else None
        one.share = one.standard.weight / total * 100 if one.standard and total else 0
        # A level's own anchor comes after the general one and takes its place.
        one.points = sorted({anchor.point: anchor for anchor in one.here}.values(), key=_point)
    context = {
        "nav": "exercises",
        "version": version,
        "criteria": criteria,
        "level": level,
        "tabs": [
            {"url": f"?level={one.key}", "label": one.name, "note": "", "current": one == level}
            for one in levels
        ],
    }
    return render(request, "rubrics/rubric.html", context)


def _point(anchor: Anchor) -> int:
    return anchor.point
