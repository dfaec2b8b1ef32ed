from typing import Any

from rest_framework.response import Response
from rest_framework.views import APIView

from lib.rest.query import Query


class ApiView(APIView):
    """An operation of the API. `rules` names the row of the access table, per method."""

    rules: dict[str, str] = {}

    def check_parameters(self) -> None:
        """Without a list there are no query parameters; an unknown one is a mistake."""
        Query(self.request.GET, {}).values()

    def answer(self, data: Any, *, status: int = 200, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(data, status=status, headers=named)
