import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts import ledger

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestContext:
    """Gives each request an id, and the ledger the place to read it from."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = str(uuid.uuid4())
        request.request_id = request_id
        address = ledger.cut_address(ledger.caller_address(request.META))
        mark = ledger.origin.set(ledger.Origin(request_id=request_id, address=address))
        try:
            response = self.get_response(request)
        finally:
            ledger.origin.reset(mark)
        response["X-Request-Id"] = request_id
        return response


class PrivatePages:
    """Nothing a person's session can see is kept by a cache on the way."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Cache-Control", "private, no-store")
        response.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
        )
        return response
