"""What every autosave of a candidate answers; whatever the "no", the browser keeps the draft."""

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from lib import autosave
from lib.errors import Refused
from screening.actions.candidate_work import ended
from screening.queries.candidate import Door
from screening.views.candidate_access import door_of, is_open

Save = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def answer_saved(request: HttpRequest, save_for: Callable[[Door], Save]) -> HttpResponse:
    """`save_for` finds what is to be written to, or raises Http404, before anything is read."""
    door = door_of(request)
    if door is None:
        return _told(_("Open your link again in another tab; this stays here."), 401)
    if not is_open(door):
        return _told(ended().message, 409)
    try:
        save = save_for(door)
        answers = save(json.loads(request.body)["ops"])
    except Http404:
        return _told(_("There is nothing here."), 404)
    except (RequestDataTooBig, autosave.TooManyError):
        return _told(_("Too much at once."), 413)
    except Refused as refused:
        return _told(refused.message, 409)
    except (ValueError, TypeError, KeyError, RecursionError):
        return _told(_("This is no list of changes."), 400)
    return JsonResponse({"answers": answers})


def wrong_of(answers: list[dict[str, Any]]) -> str:
    """What of a form was not saved, in words; nothing when all of it was."""
    moved = _("Another window saved this at the same moment. Look at it and save again.")
    told = [one.get("message", moved) for one in answers if one["status"] != "ok"]
    return " ".join(dict.fromkeys(told))


def draft_owner(door: Door) -> str:
    """Names the candidate in the browser's store of drafts, and tells nobody who they are."""
    made = salted_hmac("screening.drafts", str(door.invitation.pk), algorithm="sha256")
    return str(made.hexdigest()[:16])


def _told(detail: str, status: int) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)
