from django.urls import path

from accounts import views

urlpatterns = [
    path("account/", views.account, name="account"),
    path("users/", views.users, name="users"),
    path("users/new/", views.user_new, name="user_new"),
    path("users/<uuid:pk>/", views.user_edit, name="user"),
    path("users/<uuid:pk>/link/", views.user_link, name="user_link"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/<uuid:pk>/revoke/", views.token_revoke, name="token_revoke"),
]
