"""Files of a portfolio's pieces: added and taken back while working."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.rules import guarded
from lib.errors import Refused
from screening.actions import submissions as actions
from screening.queries.candidate import Door
from screening.views.candidate import own_or_404
from screening.views.candidate_access import for_candidate
from screening.views.workspace import shown


@guarded("candidate.workspace")
@require_POST
@for_candidate()
def piece_add(request: HttpRequest, door: Door, pk: UUID, number: int) -> HttpResponse:
    assignment = own_or_404(door, pk)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Refused(_("Choose a file first."))
        actions.attach_piece(
            invitation=door.invitation, assignment=assignment, number=number, upload=upload
        )
    except Refused as refused:
        if refused.code in {"sealed", "not_started"}:
            return redirect("receipt", pk=pk)
        told = {"file_piece": number, "piece_problem": refused.message}
        return shown(request, door, assignment, status=422, **told)
    return redirect(f"{reverse('workspace', args=[pk])}#piece-{number}")


@guarded("candidate.workspace")
@require_POST
@for_candidate()
def piece_remove(
    request: HttpRequest, door: Door, pk: UUID, number: int, attachment: UUID
) -> HttpResponse:
    assignment = own_or_404(door, pk)
    try:
        actions.remove_file(
            invitation=door.invitation, assignment=assignment, attachment=attachment
        )
    except Refused:
        return redirect("receipt", pk=pk)
    return redirect(f"{reverse('workspace', args=[pk])}#piece-{number}")
