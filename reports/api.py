"""`/exports`: ask for PDFs, watch, download, delete."""

import uuid
from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import ledger
from lib.rest import Problem
from lib.rest.fields import Choice, Flag, Id, Strict
from lib.rest.json import dumps
from lib.rest.operations import (
    FLAG,
    TEXT,
    TIME,
    WHOLE,
    Operation,
    Shape,
    many,
    nullable,
    one_of,
    thing,
)
from lib.rest.operations import UUID as ID
from lib.rest.views import AnyType, ApiView
from lib.work import WorkStatus
from reports import actions, downloads, queries
from reports.models import Paper, Preset, Report
from screening.actions.reads import note_reads
from screening.queries.standing import open_to
from screening.rules import may

Row = dict[str, Any]

TYPE = "scorecard_pdf"
MOST = 250
EXPORT_ID = "5e2b7c1d-9a3f-4e6b-8c2d-1f0e9d8c7b6a"
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
RESULT = thing(
    href=TEXT, media_type=TEXT, bytes=nullable(WHOLE), sha256=nullable(TEXT), pages=WHOLE
)
EXPORT = Shape(
    "Export",
    thing(
        id=ID,
        type=one_of([TYPE]),
        status=one_of(WorkStatus.values),
        progress={"type": "integer", "minimum": 0, "maximum": 100},
        preset=one_of(Preset.values),
        codes_instead_of_names=FLAG,
        paper=one_of(Paper.values),
        created_at=TIME,
        expires_at=nullable(TIME),
        result=nullable(RESULT),
        problem=nullable(thing(code=TEXT, title=TEXT, detail=TEXT)),
        skipped=many(thing(code=TEXT, why=TEXT)),
        pinned=many(thing(scorecard_id=ID, revision=WHOLE)),
    ),
    {
        "id": EXPORT_ID,
        "type": TYPE,
        "status": "succeeded",
        "progress": 100,
        "preset": "hiring_manager",
        "codes_instead_of_names": False,
        "paper": "A4",
        "created_at": "2026-11-20T10:00:00Z",
        "expires_at": "2026-11-27T10:00:00Z",
        "result": {
            "href": f"/api/v1/exports/{EXPORT_ID}/file",
            "media_type": "application/pdf",
            "bytes": 48213,
            "sha256": SHA256,
            "pages": 3,
        },
        "problem": None,
        "skipped": [],
        "pinned": [{"scorecard_id": "6a0e2f1d-5b7c-4d3e-8a9f-1b2c3d4e5f60", "revision": 1}],
    },
)


class ExportInput(Strict):
    """What to make. One application gives a PDF, several a ZIP of one PDF each."""

    type = Choice([TYPE])
    application_ids = serializers.ListField(child=Id(), min_length=1, max_length=MOST)
    preset = Choice(Preset.values, required=False, default=Preset.HIRING_MANAGER.value)
    codes_instead_of_names = Flag(required=False, default=True)
    locale = Choice(["en"], required=False, default="en")
    paper = Choice(Paper.values, required=False, default=Paper.A4.value)


RETRY = {"Retry-After": "Seconds to wait before asking again; only while it is being made."}


class ExportList(ApiView):
    operations = {
        "POST": Operation(
            "export.request",
            "requestExport",
            "Accepted; the PDFs are being made",
            gives=EXPORT,
            status=202,
            takes=ExportInput,
            example={
                "type": TYPE,
                "application_ids": ["9d1f3c20-7b5e-4f0e-8f1d-2f6f4a3a5a77"],
                "preset": "hiring_manager",
                "codes_instead_of_names": False,
                "locale": "en",
                "paper": "A4",
            },
            headers={"Location": "Where to watch it.", **RETRY},
            problems=(409,),
            says="What the PDFs say is pinned when they are asked for. With an `Idempotency-Key`, "
            "the same request again answers the same export.",
        )
    }

    def post(self, request: Request) -> Response:
        given = ExportInput(data=request.data)
        given.is_valid(raise_exception=True)
        facts = given.validated_data
        export = actions.request_export(
            by=request.user,
            applications=self._applications(facts["application_ids"]),
            preset=facts["preset"],
            codes_instead_of_names=facts["codes_instead_of_names"],
            paper=facts["paper"],
            nonce=self._nonce(),
        )
        row = queries.row_of(request.user, export.pk)
        if row is None:
            raise Http404
        headers = {"Location": reverse("api:export", args=[export.pk]), "Retry-After": "2"}
        if "respond-async" in request.headers.get("Prefer", ""):
            headers["Preference-Applied"] = "respond-async"
        return Response(_out(row), status=202, headers=headers)

    def _applications(self, pks: list[UUID]) -> list[Any]:
        found = {row.pk: row for row in open_to(self.request.user).filter(pk__in=pks)}
        errors = [
            {
                "pointer": f"/application_ids/{n}",
                "code": "unresolved_reference",
                "detail": "There is no such application, or you may not export it.",
            }
            for n, pk in enumerate(pks)
            if pk not in found
        ]
        if errors:
            detail = "Some applications were not found."
            raise Problem(409, "unresolved_reference", detail, errors=errors[:20])
        return list(found.values())

    def _nonce(self) -> UUID | None:
        """The same key and body of one token and actor is one request."""
        key = self.request.headers.get("Idempotency-Key", "").strip().strip('"')
        if not key:
            return None
        if len(key) > 255 or not (key.isascii() and key.isprintable()):
            detail = "Give an Idempotency-Key of 1 to 255 visible characters."
            raise Problem(400, "validation_error", detail)
        body = dumps(self.request.data).decode()
        return uuid.uuid5(self.request.auth.pk, f"{key}\n{body}")


class _Owned(ApiView):
    def row(self, pk: UUID) -> queries.Row:
        found = queries.row_of(self.request.user, pk)
        if found is None:
            raise Http404
        return found


class ExportDetail(_Owned):
    operations = {
        "GET": Operation(
            "export.read", "getExport", "One's own export", gives=EXPORT, headers=RETRY
        ),
        "DELETE": Operation(
            "export.request",
            "deleteExport",
            "Its files are gone",
            status=204,
            says="Stops what is still being made and removes the files at once.",
        ),
    }

    def get(self, request: Request, pk: UUID) -> Response:
        row = self.row(pk)
        headers = {"Retry-After": str(row.poll_seconds)} if row.is_open else {}
        return Response(_out(row), headers=headers)

    def delete(self, request: Request, pk: UUID) -> Response:
        actions.delete_export(by=request.user, export=self.row(pk).export)
        return Response(status=204)


class ExportFile(_Owned):
    content_negotiation_class = AnyType
    operations = {
        "GET": Operation(
            "export.read",
            "getExportFile",
            "The PDF, or a ZIP of several",
            media_types=("application/pdf", "application/zip"),
            headers={"Content-Disposition": "attachment, with a file name."},
            problems=(409, 410),
        )
    }

    def get(self, request: Request, pk: UUID) -> HttpResponseBase:
        row = self.row(pk)
        made = list(queries.reports_of(row.export).filter(status=WorkStatus.SUCCEEDED))
        self._ready(row, made)
        allowed = [r for r in made if may(request.user, "export.request", r.application)]
        if not allowed:
            raise Http404
        ledger.record(
            "download_export", by=request.user, on=row.export, job=row.export.job, is_read=True
        )
        read = {r.application_id: r.application.job_id for r in allowed}
        note_reads("read_results", by=request.user, applications=read.items())
        if row.total > 1:
            return downloads.several(row.what, allowed)
        return downloads.single(allowed[0])

    def _ready(self, row: queries.Row, made: list[Report]) -> None:
        if row.status == WorkStatus.EXPIRED or not downloads.are_there(made):
            raise Problem(410, "file_expired", "The files are gone. Ask for a new export.")
        if not row.can_download:
            raise Problem(409, "invalid_state", f"There is no file: the export is {row.status}.")


def _out(row: queries.Row) -> Row:
    export = row.export
    found = Report.objects.filter(export=export).values_list(
        "data__pinned", "sha256", "pages", "problem"
    )
    reports = list(found)
    return {
        "id": export.pk,
        "type": TYPE,
        "status": row.status,
        "progress": row.percent,
        "preset": export.preset,
        "codes_instead_of_names": export.codes_instead_of_names,
        "paper": export.paper,
        "created_at": export.created_at,
        "expires_at": export.expires_at,
        "result": _result(row, reports) if row.can_download else None,
        "problem": _problem(row, reports),
        "skipped": export.skipped,
        "pinned": [card for pinned, *_rest in reports for card in pinned or []],
    }


def _result(row: queries.Row, reports: list[Any]) -> Row:
    is_zip = row.total > 1
    return {
        "href": reverse("api:export_file", args=[row.export.pk]),
        "media_type": "application/zip" if is_zip else "application/pdf",
        "bytes": None if is_zip else row.size,
        "sha256": None if is_zip else reports[0][1],
        "pages": sum(pages or 0 for _pinned, _sha256, pages, _problem in reports),
    }


def _problem(row: queries.Row, reports: list[Any]) -> Row | None:
    if row.status != WorkStatus.FAILED:
        return None
    why = next((problem for *_rest, problem in reports if problem), "The PDF could not be made.")
    return {"code": "export_failed", "title": "Export failed", "detail": why}
