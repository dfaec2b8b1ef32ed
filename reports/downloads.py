"""Finished PDFs as answers: one file, or a ZIP of several. Pages and API send the same."""

import re
from collections.abc import Sequence

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from zipstream import ZIP_STORED, ZipStream

from reports import files
from reports.models import Report


def are_there(reports: Sequence[Report]) -> bool:
    return all(files.path_of(report.file).is_file() for report in reports)


def single(report: Report) -> HttpResponseBase:
    path = files.path_of(report.file)
    response = FileResponse(path.open("rb"), content_type="application/pdf")
    return _headers(response, f"Plumbline {_name(report)}")


def several(title: str, reports: Sequence[Report]) -> HttpResponseBase:
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    for report in reports:
        archive.add_path(files.path_of(report.file), _name(report))
    response = StreamingHttpResponse(iter(archive), content_type="application/zip")
    response["Content-Length"] = len(archive)
    plain = re.sub(r"[^\w .-]+", "", title)
    return _headers(response, f"Plumbline {plain}.zip")


def _headers(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _name(report: Report) -> str:
    """The code, and the name where names were asked for."""
    code = report.application.code
    if report.export.codes_instead_of_names:
        return f"{code}.pdf"
    person = re.sub(r"[^\w .'-]+", "", report.application.candidate.full_name)
    return f"{code} {person}.pdf"
