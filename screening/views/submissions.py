"""What the panel reads of handed-in work outside the scorecard's own page."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
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
        with row.file.open("rb") as file:
            content = file.read()  # at most 5 MB
    except FileNotFoundError as error:
        raise Http404 from error
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(
                as_attachment=True, filename=row.name
            ),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        },
    )
