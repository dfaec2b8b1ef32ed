import logging
from datetime import datetime, time

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions
from accounts.forms import InviteForm, OwnNameForm, TokenForm, UserForm
from accounts.models import ApiToken, User
from accounts.rules import guarded
from lib.errors import Refused

logger = logging.getLogger(__name__)


@guarded("account.own")
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    form = OwnNameForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        me = User.objects.get(pk=request.user.pk)
        actions.update_user(by=me, user=me, name=form.cleaned_data["name"])
        messages.success(request, _("Your name is saved."))
        return redirect("account")
    return render(request, "accounts/account.html", {"form": form})


@guarded("user.manage")
def users(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:120].replace("\0", "")
    found = User.objects.filter(Q(name__icontains=query) | Q(email__icontains=query))
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(request, "accounts/users.html", {"page": page, "query": query})


@guarded("user.manage")
@reauthentication_required
@require_http_methods(["GET", "POST"])
def user_new(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.invite_user(by=request.user, **form.cleaned_data)
        except Refused as refused:
            form.add_error("email", refused.message)
        else:
            link = actions.password_link(by=request.user, user=user, request=request)
            try:
                actions.mail_invitation(user=user, link=link)
            except OSError:  # the page has the link, to be given by hand
                logger.exception("The invitation of %s was not mailed", user.pk)
            return render(request, "accounts/user_invited.html", {"invited": user, "link": link})
    return render(request, "accounts/user_new.html", {"form": form}, status=_status(form))


@guarded("user.manage")
@reauthentication_required
@require_http_methods(["GET", "POST"])
def user_edit(request: HttpRequest, pk: str) -> HttpResponse:
    user = get_object_or_404(User, pk=pk)
    form = UserForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.update_user(
                by=request.user, user=User.objects.get(pk=user.pk), **form.cleaned_data
            )
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": user.name})
            return redirect("users")
    context = {"form": form, "edited": user}
    return render(request, "accounts/user_edit.html", context, status=_status(form))


@guarded("user.manage")
@reauthentication_required
@require_POST
def user_link(request: HttpRequest, pk: str) -> HttpResponse:
    user = get_object_or_404(User, pk=pk, is_active=True)
    link = actions.password_link(by=request.user, user=user, request=request)
    return render(request, "accounts/user_invited.html", {"invited": user, "link": link})


@guarded("token.manage")
@reauthentication_required
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST or None)
    key = ""
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["expires_on"]
        _token, key = actions.create_token(
            by=request.user,
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            allowed_cidrs=form.cleaned_data["allowed_cidrs"],
            expires_at=timezone.make_aware(datetime.combine(day, time.max)) if day else None,
        )
        form = TokenForm()
    context = {
        "form": form,
        "key": key,
        "tokens": ApiToken.objects.select_related("created_by"),
    }
    return render(request, "accounts/tokens.html", context, status=_status(form))


@guarded("token.manage")
@reauthentication_required
@require_POST
def token_revoke(request: HttpRequest, pk: str) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk)
    actions.revoke_token(by=request.user, token=token)
    messages.success(request, _("%(name)s no longer works.") % {"name": token.name})
    return redirect("tokens")


def _status(form: object) -> int:
    return 422 if getattr(form, "is_bound", False) and getattr(form, "errors", None) else 200
