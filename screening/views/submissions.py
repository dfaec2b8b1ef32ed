"""What the panel reads of handed-in work outside the scorecard's own page."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts import ledger
from accounts.rules import guarded
from screening import rules
from screening.models import Assignment, Attachment


@guarded("submission.read")
@require_safe
def attachment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A candidate's file, to be saved and never to be shown by the browser."""
    row = get_object_or_404(
        Attachment.objects.select_related("submission__assignment__application__job").filter(
            submission__sealed_at__isnull=False,
            submission__assignment__in=Assignment.objects.visible_to(request.user).live(),
        ),
        pk=pk,
    )
    application = row.submission.assignment.application
    if not rules.may(request.user, "submission.read", application):
        raise Http404
    if request.user.is_admin:
        ledger.record(
            "read_submission",
            by=request.user,
            on=row.submission.assignment,
            job=application.job,
            is_read=True,
        )
    try:
        content = row.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content,
        as_attachment=True,
        filename=row.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
