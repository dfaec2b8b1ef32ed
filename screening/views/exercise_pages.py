"""The tabs of an exercise that tell of the work done on it; the others are in `exercises`."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.rules import guarded, reachable
from exercises.queries import detail
from screening.queries.exercise_statistics import ENOUGH, statistics


@guarded("key.read")
@require_safe
def exercise_key(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The answer key beside the lines; how often a flaw is found only for who may know."""
    version = get_object_or_404(detail.version_rows(request.user), pk=pk)
    may_know = reachable("statistics.read", request.user)
    found = statistics(version, request.user).found if may_know else {}
    key = detail.key_page(
        version,
        chosen=request.GET.get("flaw", ""),
        part=request.GET.get("part", ""),
        found=found,
    )
    context = {
        **detail.frame(version, request.user, "key"),
        "key": key,
        "has_found": bool(found),
    }
    return render(request, "screening/exercise_key.html", context)


@guarded("statistics.read")
@require_safe
def exercise_statistics(request: HttpRequest, pk: UUID) -> HttpResponse:
    version = get_object_or_404(detail.version_rows(request.user), pk=pk)
    context = {
        **detail.frame(version, request.user, "statistics"),
        "statistics": statistics(version, request.user),
        "enough": ENOUGH,
    }
    return render(request, "screening/exercise_statistics.html", context)
