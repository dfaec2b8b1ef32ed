from django.urls import path

from exercises import views

urlpatterns = [
    path("exercises/", views.exercises, name="exercises"),
    path("exercises/packs/new/", views.pack_upload, name="pack_upload"),
    path("exercises/packs/<uuid:pk>/", views.pack_preview, name="pack_preview"),
    path("exercises/packs/<uuid:pk>/import/", views.pack_import, name="pack_import"),
    path("exercises/<uuid:pk>/", views.exercise, name="exercise"),
    path("exercises/<uuid:pk>/export/", views.exercise_export, name="exercise_export"),
]
