from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import guarded
from candidates import rules
from candidates.actions.jobs import create_job, set_team, update_job
from candidates.forms.jobs import JobEditForm, JobNewForm, MemberForm
from candidates.models import Job, TeamMember
from lib.errors import Refused


def _managed(request: HttpRequest, pk: UUID, action: str) -> Job:
    job = get_object_or_404(Job.objects.visible_to(request.user).select_related("level"), pk=pk)
    if not rules.may(request.user, action, job):
        raise Http404
    return job


@guarded("job.create")
@require_http_methods(["GET", "POST"])
def job_new(request: HttpRequest) -> HttpResponse:
    form = JobNewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            job = create_job(by=request.user, team=form.team, **form.facts)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("The job is open. Now give it a loop."))
            return redirect(f"{reverse('loop_new')}?job={job.pk}")
    context = {"form": form, "nav": "loops"}
    return render(request, "candidates/job_new.html", context, status=422 if form.errors else 200)


@guarded("job.edit")
@require_http_methods(["GET", "POST"])
def job(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _managed(request, pk, "job.edit")
    form = JobEditForm(request.POST or None, instance=Job.objects.get(pk=found.pk))
    if request.method == "POST" and form.is_valid():
        try:
            update_job(by=request.user, job=found, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("The job is saved."))
            return redirect("job", pk=found.pk)
    context = {
        "form": form,
        "job": found,
        "loop": getattr(found, "loop", None),
        "team": found.team.select_related("user"),
        "member_form": MemberForm(auto_id="id_member_%s"),
        "nav": "loops",
    }
    return render(request, "candidates/job.html", context, status=422 if form.errors else 200)


def _set(request: HttpRequest, found: Job, members: list, done: str) -> HttpResponse:
    try:
        set_team(by=request.user, job=found, members=members)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, done)
    return redirect(f"{reverse('job', args=[found.pk])}#team")


@guarded("team.edit")
@require_POST
def member_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = _managed(request, pk, "team.edit")
    form = MemberForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a person and their part in the job."))
        return redirect("job", pk=found.pk)
    new = (form.cleaned_data["user"], form.cleaned_data["role"])
    members = [(row.user, row.role) for row in found.team.select_related("user")]
    done = _("%(name)s is on the team.") % {"name": new[0].name}
    return _set(request, found, [*members, new], done)


@guarded("team.edit")
@require_POST
def member_remove(request: HttpRequest, pk: UUID, member: UUID) -> HttpResponse:
    found = _managed(request, pk, "team.edit")
    rows = list(found.team.select_related("user"))
    gone = get_object_or_404(TeamMember, pk=member, job=found)
    members = [(row.user, row.role) for row in rows if row.pk != gone.pk]
    done = _("%(name)s is off the team.") % {"name": gone.user.name}
    return _set(request, found, members, done)
