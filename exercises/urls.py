from django.urls import path

from exercises.views import drafts, library, packs

urlpatterns = [
    path("exercises/", library.exercises, name="exercises"),
    path("exercises/packs/new/", packs.pack_upload, name="pack_upload"),
    path("exercises/packs/<uuid:pk>/", packs.pack_preview, name="pack_preview"),
    path("exercises/packs/<uuid:pk>/import/", packs.pack_import, name="pack_import"),
    path("exercises/<uuid:pk>/", library.exercise, name="exercise"),
    path("exercises/<uuid:pk>/export/", packs.exercise_export, name="exercise_export"),
    path("exercises/new/", drafts.exercise_new, name="exercise_new"),
    path("exercises/drafts/<uuid:pk>/", drafts.exercise_draft, name="exercise_draft"),
    path(
        "exercises/drafts/<uuid:pk>/save/",
        drafts.exercise_draft_save,
        name="exercise_draft_save",
    ),
    path(
        "exercises/drafts/<uuid:pk>/checks/",
        drafts.exercise_draft_checks,
        name="exercise_draft_checks",
    ),
    path(
        "exercises/drafts/<uuid:pk>/publish/",
        drafts.exercise_draft_publish,
        name="exercise_draft_publish",
    ),
    path(
        "exercises/drafts/<uuid:pk>/discard/",
        drafts.exercise_draft_discard,
        name="exercise_draft_discard",
    ),
]
