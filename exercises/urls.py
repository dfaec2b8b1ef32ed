from django.urls import path

from exercises import authoring_views, views

urlpatterns = [
    path("exercises/", views.exercises, name="exercises"),
    path("exercises/packs/new/", views.pack_upload, name="pack_upload"),
    path("exercises/packs/<uuid:pk>/", views.pack_preview, name="pack_preview"),
    path("exercises/packs/<uuid:pk>/import/", views.pack_import, name="pack_import"),
    path("exercises/<uuid:pk>/", views.exercise, name="exercise"),
    path("exercises/<uuid:pk>/export/", views.exercise_export, name="exercise_export"),
    path("exercises/new/", authoring_views.exercise_new, name="exercise_new"),
    path("exercises/drafts/<uuid:pk>/", authoring_views.exercise_draft, name="exercise_draft"),
    path(
        "exercises/drafts/<uuid:pk>/save/",
        authoring_views.exercise_draft_save,
        name="exercise_draft_save",
    ),
    path(
        "exercises/drafts/<uuid:pk>/checks/",
        authoring_views.exercise_draft_checks,
        name="exercise_draft_checks",
    ),
    path(
        "exercises/drafts/<uuid:pk>/publish/",
        authoring_views.exercise_draft_publish,
        name="exercise_draft_publish",
    ),
    path(
        "exercises/drafts/<uuid:pk>/discard/",
        authoring_views.exercise_draft_discard,
        name="exercise_draft_discard",
    ),
]
