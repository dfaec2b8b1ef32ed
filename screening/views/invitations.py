from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import reselect, retarget

from accounts.rules import guarded
from lib.errors import Refused
from screening.actions import invitations as actions
from screening.forms.board import TimeForm, UntilForm
from screening.models import Assignment
from screening.views.answers import application_for, attempt, back
from screening.views.assignments import application_page, home_of


@guarded("link.manage")
@require_POST
def link_make(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows a fresh link this once: it is kept nowhere, so the answer is a page, not a redirect."""
    found = application_for(request, pk, "link.manage")
    box = f"#link-{found.pk}"
    try:
        secret = actions.make_link(by=request.user, application=found)
    except Refused as refused:
        if not request.htmx:
            messages.error(request, refused.message)
            return back(request, home_of(found))
        told = render(
            request,
            "screening/link.html#link-box",
            {"application": found, "error": refused.message},
            status=422,
        )
        return reselect(retarget(told, box), box)
    url = request.build_absolute_uri(reverse("link", args=[secret]))
    # The panel says more of the link than the box: it comes anew with its page.
    if request.htmx and request.htmx.target != "link-panel":
        return render(
            request, "screening/link.html#link-box", {"application": found, "secret_url": url}
        )
    return application_page(request, found, secret_url=url)


@guarded("link.manage")
@require_POST
def link_extend(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = application_for(request, pk, "link.manage")
    form = UntilForm(request.POST)
    until = form.cleaned_data["until"] if form.is_valid() else None
    attempt(
        request,
        lambda: actions.extend_link(by=request.user, application=found, until=until),
        _("The link of %(code)s works longer.") % {"code": found.code},
    )
    return back(request, home_of(found))


@guarded("link.manage")
@require_POST
def link_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = application_for(request, pk, "link.manage")
    attempt(
        request,
        lambda: actions.revoke_link(by=request.user, application=found),
        _("Every link of %(code)s has ended. What was written is kept.") % {"code": found.code},
    )
    return back(request, home_of(found))


@guarded("time.extend")
@require_POST
def time_extend(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Assignment.objects.visible_to(request.user), pk=pk)
    found = application_for(request, row.application_id, "time.extend")
    form = TimeForm(request.POST)
    if form.is_valid():
        attempt(
            request,
            lambda: actions.extend_time(by=request.user, assignment=row, **form.cleaned_data),
            _("%(minutes)d minutes more; the candidate's clock follows.") % form.cleaned_data,
        )
    else:
        messages.error(request, _("Give 1 to 240 minutes and a reason."))
    return back(request, f"{home_of(found)}#stage-{row.pk}")
