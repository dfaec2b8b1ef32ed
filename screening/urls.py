from django.urls import URLPattern, path

from screening.views import inbox, scorecards

urlpatterns: list[URLPattern] = [
    path("inbox/", inbox.inbox, name="inbox"),
    path("scorecards/<uuid:pk>/", scorecards.scorecard, name="scorecard"),
    path("scorecards/<uuid:pk>/save/", scorecards.save, name="scorecard_save"),
    path("scorecards/<uuid:pk>/submit/", scorecards.submit, name="scorecard_submit"),
    path("scorecards/<uuid:pk>/decline/", scorecards.decline, name="scorecard_decline"),
    path(
        "scorecards/<uuid:pk>/ratings/<uuid:rating_pk>/amend/",
        scorecards.amend,
        name="scorecard_amend",
    ),
]
