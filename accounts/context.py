from typing import Any

from django.conf import settings
from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame shows."""
    return {"company_name": settings.COMPANY_NAME, "time_zone_name": settings.TIME_ZONE}
