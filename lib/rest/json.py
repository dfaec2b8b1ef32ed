from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from lib.markup import clean_text


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def moment(value: datetime | None) -> str | None:
    """A time as the API writes it: RFC 3339 in UTC with Z."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if data is None:
            return b""
        options = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC
        return orjson.dumps(data, default=_other, option=options)


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return _clean(orjson.loads(stream.read()))
        except orjson.JSONDecodeError as error:
            raise ParseError(f"This is no JSON: {error}.", code="malformed_json") from error
        except ValueError as error:
            raise ParseError(str(error), code="validation_error") from error


def _clean(value: Any) -> Any:
    """Text as `lib.markup.clean_text` lets it in, at every depth."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return value
