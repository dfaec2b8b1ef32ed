"""A conversation with an AI as it is being pasted: read as turns, nothing saved."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.rules import guarded
from lib.markup import clean_text
from screening.actions.candidate_fields import MAX_TRANSCRIPT
from screening.models import AssignmentStatus, Submission
from screening.queries.candidate import Door
from screening.queries.turns import conversation_of
from screening.views.candidate import own_or_404
from screening.views.candidate_access import for_candidate


@guarded("candidate.workspace")
@require_POST
@for_candidate()
def transcript_turns(request: HttpRequest, door: Door, pk: UUID) -> HttpResponse:
    """The turns of the posted text and of the files, with what was said of each so far."""
    assignment = own_or_404(door, pk)
    if assignment.status != AssignmentStatus.WORKING:
        return redirect("workspace", pk=pk)
    work = Submission.objects.get(assignment=assignment)
    text = request.POST.get("transcript", "")[:MAX_TRANSCRIPT].replace("\r\n", "\n")
    try:
        talk = conversation_of(work, pasted=clean_text(text), own=True)
    except ValueError:
        # What the autosave will refuse, it also explains.
        talk = conversation_of(work, own=True)
    return render(request, "workspace/turns.html", {"assignment": assignment, "talk": talk})
