"""Writing an exercise in the browser: choose a kind, edit, publish, discard."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Event
from accounts.rules import guarded
from exercises import authoring
from exercises.actions import drafts as actions
from exercises.forms.drafts import form_ops, typed
from exercises.models import ExerciseDraft, ExerciseVersion, Kind
from exercises.queries import draft_page
from exercises.queries.draft_fields import MAX_ITEMS, SCRATCH
from exercises.queries.draft_types import Page
from exercises.queries.drafts import drafts_of
from lib import autosave
from lib.errors import Refused

OPS_AT_ONCE = autosave.MAX_OPS


def own_or_404(request: HttpRequest, pk: UUID) -> ExerciseDraft:
    return get_object_or_404(
        ExerciseDraft.objects.filter(author=request.user).select_related("exercise"), pk=pk
    )


def kinds() -> list[dict[str, str]]:
    """Each kind, and what it tells of a person."""
    tells = {
        Kind.DATA_MODEL: _("Shapes data for a business: a schema, its rules and what they cost."),
        Kind.SCHEMA_CRITIQUE: _("Reads somebody's tables or queries and sees what will hurt."),
        Kind.ENDPOINT_CRITIQUE: _(
            "Reads an endpoint: who may call it, what happens twice at once."
        ),
        Kind.AI_CODE_REVIEW: _("Judges code that an assistant wrote: fluent and almost right."),
        Kind.AI_ASSISTED: _("Builds with an assistant: what was accepted, changed and rejected."),
        Kind.DESIGN_DISCUSSION: _("Thinks in systems: growth, failure, and what to leave out."),
        Kind.STRUCTURED_INTERVIEW: _(
            "Tells what they did and why: the same questions for everyone."
        ),
        Kind.PORTFOLIO_REVIEW: _("Explains work of their own: choices, regrets, their part in it."),
        Kind.RESUME_SCREEN: _("Reads a résumé for evidence, with the same questions for everyone."),
    }
    given = {"flaw": _("lines with flaws and decoys"), "expect": _("expected points"),
             "question": _("questions")}  # fmt: skip
    return [
        {"value": kind.value, "label": str(kind.label), "tells": words,
         "key": given[authoring.groups_of(kind.value)[0]]}
        for kind, words in tells.items()
    ]  # fmt: skip


def _started(request: HttpRequest) -> ExerciseDraft:
    if "version" not in request.POST:
        return actions.start_draft(by=request.user, kind=request.POST.get("kind", ""))
    try:
        pk = UUID(request.POST["version"])
    except ValueError as error:
        raise Http404 from error
    visible = ExerciseVersion.objects.visible_to(request.user)
    return actions.start_draft(by=request.user, version=get_object_or_404(visible, pk=pk))


@guarded("exercise.author")
@require_http_methods(["GET", "HEAD", "POST"])
def exercise_new(request: HttpRequest) -> HttpResponse:
    """Choose a kind, or start from a version; POST begins the draft."""
    context: dict[str, Any] = {"nav": "exercises", "kinds": kinds()}
    if request.method == "POST":
        try:
            draft = _started(request)
        except Refused as refused:
            return render(
                request, "exercises/new.html", context | {"problem": refused.message}, status=422
            )
        return _see_other(reverse("exercise_draft", args=[draft.pk]))
    context["drafts"] = drafts_of(request.user)
    return render(request, "exercises/new.html", context)


def _see_other(url: str) -> HttpResponse:
    response = redirect(url)
    response.status_code = 303
    return response


def _part(request: HttpRequest, draft: ExerciseDraft) -> str:
    parts = draft_page.parts_of(draft.kind)
    asked = request.GET.get("part", "")
    return asked if asked in parts else next(iter(parts))


def _tabs(parts: dict[str, str], page: Page) -> list[dict[str, Any]]:
    """The parts, each with how much is missing in it."""
    return [
        {"url": f"?part={name}", "label": words, "current": name == page.part,
         "missing": f"missing-{name}",
         "note": sum(note.part == name for note in page.missing) or ""}
        for name, words in parts.items()
    ]  # fmt: skip


def _shown(
    request: HttpRequest, draft: ExerciseDraft, *, status: int = 200, **more: Any
) -> HttpResponse:
    part = _part(request, draft)
    page = draft_page.page_of(draft, part, typed=more.pop("typed", None))
    parts = draft_page.parts_of(draft.kind)
    removed = request.GET.get("removed", "")
    group, _colon, rest = removed.partition(":")
    context = {
        "nav": "exercises",
        "draft": draft,
        "page": page,
        "part": part,
        "part_name": parts[part],
        "tabs": _tabs(parts, page),
        "open": request.GET.get("open", ""),
        "moved": request.GET.get("moved", ""),
        "removed": removed if group in MAX_ITEMS and rest else "",
        "base": json.dumps({box.name: box.rev for box in page.all_boxes}),
    }  # fmt: skip
    return render(request, "exercises/draft.html", context | more, status=status)


@guarded("exercise.author")
@require_http_methods(["GET", "HEAD", "POST"])
def exercise_draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor. POST saves every field of the part, then adds, removes or restores an item."""
    draft = own_or_404(request, pk)
    if request.method != "POST":
        return _shown(request, draft)
    # The script has sent everything before it lets the form go, and says so with `revisions`.
    if "revisions" not in request.POST and (problem := _save_form(request, draft)):
        draft = own_or_404(request, pk)
        return _shown(request, draft, status=422, problem=problem, typed=typed(request.POST))
    try:
        return _see_other(_done(request, draft))
    except Refused as refused:
        draft = own_or_404(request, pk)
        return _shown(request, draft, status=422, problem=refused.message)


def _save_form(request: HttpRequest, draft: ExerciseDraft) -> str:
    """What of the form was not saved, in words; nothing when all of it was."""
    ops = form_ops(draft, request.POST)
    answers: list[dict[str, Any]] = []
    for at in range(0, len(ops), OPS_AT_ONCE):
        answers += actions.save_draft(by=request.user, pk=draft.pk, ops=ops[at : at + OPS_AT_ONCE])
    moved = _("Another window saved this at the same moment. Look at it and save again.")
    told = [one.get("message", moved) for one in answers if one["status"] != "ok"]
    return " ".join(dict.fromkeys(told))


def _done(request: HttpRequest, draft: ExerciseDraft) -> str:
    """Do what the button said; where to go then."""
    here = f"{reverse('exercise_draft', args=[draft.pk])}?part={_part(request, draft)}"
    verb, _colon, what = request.POST.get("do", "").partition(":")
    group, _colon, uid = what.partition(":")
    mark = {name: request.POST.get(name, "").strip() for name in SCRATCH}
    if (verb, what) == ("add", "mark") or (not verb and mark["mark_lines"] and mark["mark_title"]):
        return _mark(request, draft, mark, here)
    if verb == "add" and group in MAX_ITEMS:
        uid = actions.add_item(by=request.user, pk=draft.pk, group=group)
        return f"{here}&open={uid}"
    if verb == "remove" and group in MAX_ITEMS:
        at = actions.remove_item(by=request.user, pk=draft.pk, group=group, uid=uid)
        return f"{here}&{urlencode({'removed': f'{group}:{uid}:{at}'})}"
    uid, _colon, place = uid.partition(":")
    at = int(place) if place.isdecimal() and len(place) < 4 else 0
    if verb == "restore" and group in MAX_ITEMS:
        actions.restore_item(by=request.user, pk=draft.pk, group=group, uid=uid, at=at)
        return f"{here}&open={uid}"
    if verb == "move" and group in MAX_ITEMS and place.isdecimal():
        actions.move_item(by=request.user, pk=draft.pk, group=group, uid=uid, to=at)
        return f"{here}&{urlencode({'open': uid, 'moved': uid})}"
    if "revisions" not in request.POST:
        messages.success(request, _("Saved."))
    return here


def _mark(request: HttpRequest, draft: ExerciseDraft, mark: dict[str, str], here: str) -> str:
    if not authoring.parse_lines(mark["mark_lines"]):
        raise Refused(_("Say which lines: 15-18, or several: 15-18, 30."), code="validation")
    group = "decoy" if mark["mark_as"] == "decoy" else "flaw"
    given = {name: mark[f"mark_{name}"] for name in ("file", "lines", "title")}
    uid = actions.add_item(by=request.user, pk=draft.pk, group=group, given=given)
    return f"{here}&open={uid}"


@guarded("exercise.author")
@require_POST
def exercise_draft_save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Autosave. Whatever the "no", the browser keeps the draft."""
    try:
        ops = json.loads(request.body)["ops"]
        answers = actions.save_draft(by=request.user, pk=pk, ops=ops)
    except (RequestDataTooBig, autosave.TooManyError):
        return JsonResponse({"detail": _("Too much at once.")}, status=413)
    except actions.Gone as gone:
        raise Http404 from gone
    except Refused as refused:
        return JsonResponse({"detail": refused.message}, status=409)
    except (ValueError, TypeError, KeyError, RecursionError):
        own_or_404(request, pk)  # a stranger learns nothing from what they send
        return JsonResponse({"detail": _("This is no list of changes.")}, status=400)
    return JsonResponse({"answers": answers})


@guarded("exercise.author")
@require_GET
def exercise_draft_checks(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is missing now, in all, by part and by item, and the brief as it reads: after a save."""
    draft = own_or_404(request, pk)
    part = _part(request, draft)
    page = draft_page.page_of(draft, part)
    tabs = _tabs(draft_page.parts_of(draft.kind), page)
    context = {"draft": draft, "page": page, "part": part, "tabs": tabs}
    return render(request, "exercises/draft_live.html", context)


def _publish_page(
    request: HttpRequest, draft: ExerciseDraft, *, status: int = 200, **more: Any
) -> HttpResponse:
    page = draft_page.page_of(draft, "facts")
    in_dialog = request.method == "GET" and bool(request.headers.get("HX-Request"))
    context = {
        "nav": "exercises",
        "draft": draft,
        "page": page,
        "missing": page.missing,
        "in_dialog": in_dialog,
    }
    name = "exercises/draft_publish.html" + ("#dialog" if in_dialog else "")
    response = render(request, name, context | more, status=status)
    response["Vary"] = "HX-Request, Cookie"
    return response


@guarded("exercise.author")
@require_http_methods(["GET", "HEAD", "POST"])
def exercise_draft_publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET says what publishing does; POST freezes a version."""
    if request.method != "POST":
        return _publish_page(request, own_or_404(request, pk))
    try:
        done = actions.publish_draft(
            by=request.user, pk=pk, on_top_of=request.POST.get("on_top_of", "")
        )
    except actions.Gone as gone:
        return _published_before(request, pk, gone)
    except actions.Incomplete as refused:
        draft = own_or_404(request, pk)
        return _publish_page(request, draft, status=422, missing=refused.notes)
    except actions.Overtaken as refused:
        draft = own_or_404(request, pk)
        return _publish_page(
            request, draft, status=422, newest=refused.newest, problem=refused.message
        )
    if done.is_new:
        messages.success(request, _("Published as version %(n)s.") % {"n": done.version.number})
    else:
        messages.info(request, _("Nothing had changed: version %(n)s stays the newest.") % {
            "n": done.version.number})  # fmt: skip
    return _see_other(reverse("exercise", args=[done.version.pk]))


def _published_before(request: HttpRequest, pk: UUID, gone: actions.Gone) -> HttpResponse:
    """A second press of somebody's own button is no mistake; for everybody else nothing is here."""
    asked = Event.objects.filter(verb="publish_exercise_draft", object_id=pk, by=request.user)
    if not asked.exists():
        raise Http404 from gone
    messages.info(request, _("This draft was published already."))
    return _see_other(reverse("exercises"))


@guarded("exercise.author")
@require_http_methods(["GET", "HEAD", "POST"])
def exercise_draft_discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET asks, POST throws the draft away."""
    draft = own_or_404(request, pk)
    if request.method != "POST":
        context = {"nav": "exercises", "draft": draft, "title": draft.value("title")}
        return render(request, "exercises/draft_discard.html", context)
    actions.discard_draft(by=request.user, pk=pk)
    messages.success(request, _("The draft was discarded."))
    return _see_other(reverse("exercises"))
