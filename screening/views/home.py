from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.rules import guarded, reachable
from screening.queries.activity import since_yesterday
from screening.queries.home import SHOWN, home_of


@guarded("frame.home")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    manages = reachable("loop.read", request.user)
    context = {
        "nav": "home",
        "home": home_of(request.user),
        "manages": manages,
        "can_create": reachable("job.create", request.user),
        "can_load_demo": reachable("demo.manage", request.user),
        "news": since_yesterday(request.user) if manages else [],
        "now": timezone.localtime(),
        "shown": f":{SHOWN}",
    }
    return render(request, "screening/home.html", context)
