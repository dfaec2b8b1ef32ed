from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("rubrics.urls")),
    path("", include("exercises.urls")),
    path("", include("candidates.urls")),
    path("", include("screening.urls")),
    path("", include("reports.urls")),
    path("", include("integrations.urls")),
]
