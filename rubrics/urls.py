from django.urls import path

from rubrics import views

urlpatterns = [path("rubrics/<uuid:pk>/", views.rubric, name="rubric")]
