from django.urls import include, path

from config import health
from config.demo import views as demo

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("demo/load/", demo.demo_load, name="demo_load"),
    path("demo/remove/", demo.demo_remove, name="demo_remove"),
    path("api/v1/", include("config.api")),
    path("", include("accounts.urls")),
    path("", include("rubrics.urls")),
    path("", include("exercises.urls")),
    path("", include("candidates.urls")),
    path("", include("screening.urls")),
    path("", include("reports.urls")),
    path("", include("integrations.urls")),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"
