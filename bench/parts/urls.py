"""The site and beside it the smallest view that a signed-in person can see."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.rules import guarded
from config import urls


@guarded("frame.home")
def trivial(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"Hello {request.user}")


urlpatterns = [*urls.urlpatterns, path("bench/trivial", trivial, name="trivial")]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500
