from django.urls import URLPattern, path

from candidates.views import jobs

urlpatterns: list[URLPattern] = [
    path("jobs/new/", jobs.job_new, name="job_new"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("jobs/<uuid:pk>/team/", jobs.member_add, name="member_add"),
    path("jobs/<uuid:pk>/team/<uuid:member>/remove/", jobs.member_remove, name="member_remove"),
]
