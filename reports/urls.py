from django.urls import URLPattern, path

from reports import views

urlpatterns: list[URLPattern] = [
    path("exports/", views.exports, name="exports"),
    path("exports/<uuid:pk>/", views.export, name="export"),
    path("exports/<uuid:pk>/job/", views.job, name="export_job"),
    path("exports/<uuid:pk>/file/", views.export_file, name="export_file"),
    path("exports/<uuid:pk>/cancel/", views.cancel, name="export_cancel"),
    path("exports/<uuid:pk>/delete/", views.delete, name="export_delete"),
    path("exports/<uuid:pk>/retry/", views.retry_all, name="export_retry"),
    path("exports/<uuid:pk>/reports/<uuid:report>/", views.report_file, name="report_file"),
    path("exports/<uuid:pk>/reports/<uuid:report>/retry/", views.retry, name="report_retry"),
]
