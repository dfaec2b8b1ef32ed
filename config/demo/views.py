from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.rules import guarded
from candidates.models import Job
from config.demo.build import build
from config.demo.remove import remove
from lib.errors import Refused


@guarded("demo.manage")
@require_POST
def demo_load(request: HttpRequest) -> HttpResponse:
    if Job.objects.filter(is_demo=True).exists():
        messages.info(request, _("The demo is there already."))
        return redirect("home")
    try:
        build()
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The demo is loaded: one job, its team and 16 candidates."))
    return redirect("home")


@guarded("demo.manage")
@require_http_methods(["GET", "POST"])
def demo_remove(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return render(request, "demo_remove.html")
    remove(by=request.user)
    messages.success(request, _("The demo is gone, with everything that was done in it."))
    return redirect("home")
