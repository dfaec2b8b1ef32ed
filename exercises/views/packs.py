"""Exercises out and in as packs."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.rules import guarded
from exercises.actions.packs import import_upload, upload_pack
from exercises.forms.library import PackForm
from exercises.models import PackUpload
from exercises.packs import read_zip, write_zip
from exercises.queries import detail
from exercises.queries.packs import pack_of, preview_pack, seen
from lib.errors import Refused

# A message names so many of the exercises that were imported.
NAMED = 5


@guarded("exercise.author")
@require_safe
def exercise_export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version as the folder it was made from, in a zip."""
    version = get_object_or_404(detail.version_rows(request.user), pk=pk)
    try:
        data = write_zip(pack_of([version]))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("exercise", pk=version.pk)
    name = f"{version.exercise.slug}-v{version.number}.zip"
    return HttpResponse(
        data,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@guarded("exercise.author")
@require_http_methods(["GET", "POST"])
def pack_upload(request: HttpRequest) -> HttpResponse:
    form = PackForm()
    if request.method == "POST":
        form = PackForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                found = upload_pack(by=request.user, name=file.name, data=file.read())
            except Refused as refused:
                form.add_error("file", refused.message)
            else:
                return redirect("pack_preview", pk=found.pk)
    context = {"nav": "exercises", "form": form}
    return render(
        request, "exercises/pack_upload.html", context, status=422 if form.errors else 200
    )


def _upload(request: HttpRequest, pk: UUID) -> PackUpload:
    return get_object_or_404(PackUpload.objects.visible_to(request.user), pk=pk)


@guarded("exercise.author")
@require_safe
def pack_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What an import would do; nothing is written."""
    upload = _upload(request, pk)
    if upload.imported_at:
        return redirect("exercises")
    entries = preview_pack(read_zip(bytes(upload.data)))
    asked = request.GET.get("exercise", "")
    shown = next((entry for entry in entries if entry.slug == asked and entry.changes), None)
    context = {
        "nav": "exercises",
        "upload": upload,
        "entries": entries,
        "seen": seen(entries),
        "wanted": [entry for entry in entries if entry.is_wanted],
        "invalid": [entry for entry in entries if entry.state == "invalid"],
        "shown": shown,
        "diffs": detail.diffs(shown.changes, only=request.GET.get("file", "")) if shown else [],
        "file_query": f"?exercise={shown.slug}&file=" if shown else "",
    }
    return render(request, "exercises/pack_preview.html", context)


@guarded("exercise.author")
@require_POST
def pack_import(request: HttpRequest, pk: UUID) -> HttpResponse:
    upload = _upload(request, pk)
    try:
        published = import_upload(by=request.user, upload=upload, seen=request.POST.get("seen", ""))
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("pack_preview", pk=pk)
    new = [version for version, is_new in published if is_new]
    if new:
        words = ngettext(
            "%(n)d exercise was published: %(titles)s.",
            "%(n)d exercises were published: %(titles)s.",
            len(new),
        )
        titles = [version.title for version in new[:NAMED]] + ["…"] * (len(new) > NAMED)
        messages.success(request, words % {"n": len(new), "titles": " · ".join(titles)})
    if len(new) == 1:
        return redirect("exercise", pk=new[0].pk)
    return redirect("exercises")
