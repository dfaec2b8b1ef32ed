from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import guarded, reachable
from candidates import rules
from lib.errors import Refused
from screening.actions import loops as actions
from screening.forms.loops import LoopNewForm, RulesForm
from screening.models import Loop
from screening.queries.loops import builder_of
from screening.views.answers import attempt, back


def loop_for(request: HttpRequest, pk: UUID, action: str) -> Loop:
    """The loop, if this user may do this to it; else it does not exist for them."""
    rows = Loop.objects.visible_to(request.user).select_related(
        "job__level", "rubric_version__rubric"
    )
    found = get_object_or_404(rows, pk=pk)
    if not rules.may(request.user, action, found.job):
        raise Http404
    return found


def builder_page(request: HttpRequest, loop: Loop, *, error: str = "", **more: Any) -> HttpResponse:
    """The builder, or with htmx the part of it that follows every change."""
    context = {
        "nav": "loops",
        "loop": loop,
        "builder": builder_of(loop),
        "can_edit": rules.may(request.user, "loop.edit", loop.job),
        "rules_form": RulesForm(instance=loop),
        "error": error,
        **more,
    }
    name = "screening/loop.html" + ("#builder" if request.htmx and not request.htmx.boosted else "")
    return render(request, name, context, status=422 if error else 200)


def after_change(request: HttpRequest, loop: Loop, error: str = "") -> HttpResponse:
    """htmx gets the builder as it is now; everybody else the page again."""
    if request.htmx:
        return builder_page(request, loop_for(request, loop.pk, "loop.edit"), error=error)
    if error:
        messages.error(request, error)
    return back(request, reverse("loop", args=[loop.pk]))


@guarded("loop.read")
@require_safe
def loops(request: HttpRequest) -> HttpResponse:
    rows = (
        Loop.objects.visible_to(request.user)
        .select_related("job__level", "rubric_version__rubric")
        .annotate(
            stage_count=Count("stages", distinct=True),
            candidates=Count(
                "job__applications",
                filter=Q(job__applications__status="in_process"),
                distinct=True,
            ),
        )
        .order_by("status", "-created_at", "id")
    )
    context = {
        "nav": "loops",
        "loops": rows,
        "can_create": reachable("loop.edit", request.user),
        "can_create_job": reachable("job.create", request.user),
    }
    return render(request, "screening/loops.html", context)


@guarded("loop.edit")
@require_http_methods(["GET", "POST"])
def loop_new(request: HttpRequest) -> HttpResponse:
    initial = {"job": request.GET.get("job"), "start": request.GET.get("template")}
    form = LoopNewForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        job = form.cleaned_data["job"]
        try:
            if not rules.may(request.user, "loop.edit", job):
                raise Http404
            made = actions.create_loop(by=request.user, job=job, template=form.template)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("loop", pk=made.pk)
    jobs = list(form.fields["job"].queryset[:2])
    if len(jobs) == 1:
        form.initial["job"] = jobs[0].pk
    context = {
        "nav": "loops",
        "form": form,
        "has_jobs": bool(jobs),
        "can_create_job": reachable("job.create", request.user),
    }
    return render(request, "screening/loop_new.html", context, status=422 if form.errors else 200)


@guarded("loop.read")
@require_safe
def loop(request: HttpRequest, pk: UUID) -> HttpResponse:
    return builder_page(request, loop_for(request, pk, "loop.read"))


@guarded("loop.edit")
@require_POST
def loop_rules(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = loop_for(request, pk, "loop.edit")
    form = RulesForm(request.POST, instance=Loop.objects.get(pk=pk))
    if form.is_valid():
        try:
            actions.update_loop(by=request.user, loop=found, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("The rules are saved."))
            return back(request, reverse("loop", args=[pk]))
    return builder_page(
        request, found, error=_("The rules were not saved."), rules_form=form, rules_open=True
    )


@guarded("loop.edit")
@require_POST
def loop_publish(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = loop_for(request, pk, "loop.edit")
    done = _("Published. Candidates can be invited now.")
    attempt(request, lambda: actions.publish_loop(by=request.user, loop=found), done)
    return back(request, reverse("loop", args=[pk]))


@guarded("loop.edit")
@require_POST
def loop_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = loop_for(request, pk, "loop.edit")
    done = _("Closed. Nobody new is assigned; whoever is in it finishes.")
    attempt(request, lambda: actions.close_loop(by=request.user, loop=found), done)
    return back(request, reverse("loop", args=[pk]))
