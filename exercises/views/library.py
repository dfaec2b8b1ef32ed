from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from accounts.rules import guarded, reachable
from exercises.baseline import read_baseline
from exercises.folder import GRADES
from exercises.forms.library import CompareForm, LibraryFilter
from exercises.models import ExerciseVersion
from exercises.queries import detail, library
from exercises.queries.drafts import drafts_of
from exercises.queries.packs import between
from rubrics.models import Level

TABS = ("brief", "fix", "rubric", "probes", "answers", "history")
PAGE = 40


@guarded("exercise.read")
def exercises(request: HttpRequest) -> HttpResponse:
    known = library.library(request.user)
    form = LibraryFilter(request.GET or None, known=known)
    found = form.apply(known)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "nav": "exercises",
        "filters": form,
        "page": page,
        "cards": library.cards(page.object_list),
        "query": _without_page(request.GET),
        "is_filtered": form.is_narrowing,
        "may_author": reachable("exercise.author", request.user),
        "drafts": drafts_of(request.user),
    }
    return render(request, "exercises/exercises.html", context)


def _without_page(query: QueryDict) -> str:
    kept = query.copy()
    kept.pop("page", None)
    return kept.urlencode()


@guarded("exercise.read")
def exercise(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version: what a candidate gets, and what belongs to it that a candidate never gets."""
    version = get_object_or_404(detail.version_rows(request.user), pk=pk)
    asked = request.GET.get("tab", "")
    if asked == "key":
        return redirect("exercise_key", pk=version.pk)
    tab = asked if asked in TABS else TABS[0]
    context = {
        **detail.frame(version, request.user, tab),
        "tab": tab,
        **_TAB[tab](request, version),
    }
    return render(request, "exercises/exercise.html", context)


def _brief(request: HttpRequest, version: ExerciseVersion) -> dict[str, Any]:
    files, part, parts = detail.part_of(version, request.GET.get("part", ""))
    return {"files": files, "part": part, "parts": parts}


def _fix(request: HttpRequest, version: ExerciseVersion) -> dict[str, Any]:
    changes = detail.fix_of(version)
    return {
        "diffs": detail.diffs(changes, only=request.GET.get("file", "")),
        "file_query": "?tab=fix&file=",
    }


def _rubric(request: HttpRequest, version: ExerciseVersion) -> dict[str, Any]:
    levels = list(Level.objects.filter(key__in=version.levels)) or list(Level.objects.all())
    asked = request.GET.get("level")
    level = next((one for one in levels if one.key == asked), levels[-1] if levels else None)
    if level is None:
        return {"level": None}
    rubric, standards = detail.standards(version, level)
    return {"levels": levels, "level": level, "rubric": rubric, "standards": standards}


def _probes(request: HttpRequest, version: ExerciseVersion) -> dict[str, Any]:
    named = {flaw.slug: f"{flaw.code} {flaw.title}" for flaw in version.flaws.all()}
    named |= {item["id"]: item["title"] for item in version.expects}
    named |= {item["id"]: item["ask"] for item in version.questions if "id" in item}
    probes = [{**one, "subject": named.get(one.get("about", ""), "")} for one in version.probes]
    return {"probes": probes}


def _answers(request: HttpRequest, version: ExerciseVersion) -> dict[str, Any]:
    samples = {
        level: [(grade, grades[grade]) for grade in GRADES if grade in grades]
        for level, grades in version.answers.items()
    }
    return {"baseline": read_baseline(version.baseline), "samples": samples}


def _history(request: HttpRequest, version: ExerciseVersion) -> dict[str, Any]:
    editions = list(detail.editions(version, request.user))
    form = CompareForm(request.GET if "old" in request.GET else None, editions=editions)
    context: dict[str, Any] = {"editions": editions, "compare": form}
    if form.is_bound and form.is_valid():
        old, new = form.cleaned_data["old"], form.cleaned_data["new"]
        changes = between(old, new)
        context |= {
            "is_compared": True,
            "has_files": changes is not None,
            "diffs": detail.diffs(changes or [], only=request.GET.get("file", "")),
            "file_query": f"?tab=history&old={old.number}&new={new.number}&file=",
        }
    return context


_TAB = {
    "brief": _brief,
    "fix": _fix,
    "rubric": _rubric,
    "probes": _probes,
    "answers": _answers,
    "history": _history,
}
