"""The warm-up's page, its saving, and its form for browsers without the script."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import guarded
from lib.errors import Refused
from screening.actions.warmup import save_warmup
from screening.forms.workspace import CommentForm, one_op
from screening.queries import workspace as queries
from screening.queries.candidate import Door
from screening.queries.warmup import warmup_page
from screening.views.candidate_access import for_candidate, frame_of, unseen
from screening.views.candidate_saving import Save, answer_saved, draft_owner, wrong_of


@guarded("candidate.workspace")
@require_http_methods(["GET", "HEAD", "POST"])
@for_candidate()
def warmup(request: HttpRequest, door: Door) -> HttpResponse:
    """GET shows it; POST saves or removes one comment without the script."""
    page = warmup_page(door.invitation)
    paths = [file.path for file in page.files]
    form = CommentForm(files=paths)
    problem = ""
    if request.method == "POST":
        field, value = f"comment:{request.POST.get('remove', '')[:36]}", None
        if "remove" not in request.POST:
            form = CommentForm(request.POST, files=paths)
            if not form.is_valid():
                return _shown(request, door, form, problem)
            field, value = form.field, form.value
        try:
            answers = save_warmup(
                invitation=door.invitation,
                ops=[one_op(page.work, field, value)],
                device=door.device,
            )
            problem = wrong_of(answers)
        except Refused as refused:
            problem = refused.message
        if not problem:
            return redirect(f"{reverse('warmup')}#comments")
    return _shown(request, door, form, problem)


def _shown(request: HttpRequest, door: Door, form: CommentForm, problem: str) -> HttpResponse:
    context: dict[str, Any] = frame_of(door) | {
        "page": warmup_page(door.invitation),
        "comment_form": form,
        "comment_url": reverse("warmup"),
        "categories": list(queries.CATEGORIES.items()),
        "owner": draft_owner(door),
        "problem": problem,
    }
    is_refused = problem or form.errors
    return render(request, "workspace/warmup.html", context, status=422 if is_refused else 200)


@guarded("candidate.workspace")
@require_POST
@unseen
def warmup_save(request: HttpRequest) -> HttpResponse:
    """Autosave of the warm-up, by the same contract as the work's."""

    def save_for(door: Door) -> Save:
        if door.invitation.consented_at is None:
            raise Http404
        return lambda ops: save_warmup(invitation=door.invitation, ops=ops, device=door.device)

    return answer_saved(request, save_for)
