from django.urls import path

from exercises import views

urlpatterns = [
    path("exercises/", views.exercises, name="exercises"),
    path("exercises/<uuid:pk>/", views.exercise, name="exercise"),
]
