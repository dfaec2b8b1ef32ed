from django.urls import URLPattern, path

from integrations import views

urlpatterns: list[URLPattern] = [
    path("imports/new/", views.csv_start, name="csv_start"),
    path("jobs/<uuid:pk>/import/", views.csv_upload, name="csv_upload"),
    path("imports/sample.csv", views.csv_sample, name="csv_sample"),
    path("imports/<uuid:pk>/", views.csv_result, name="csv_result"),
    path("imports/<uuid:pk>/columns/", views.csv_map, name="csv_map"),
    path("imports/<uuid:pk>/preview/", views.csv_preview, name="csv_preview"),
    path("imports/<uuid:pk>/run/", views.csv_run, name="csv_run"),
    path("imports/<uuid:pk>/left-out.csv", views.csv_wrong, name="csv_wrong"),
]
