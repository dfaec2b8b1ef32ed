from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from lib.markup import clean_text

# A body is a handful of facts; what is larger is a mistake or an attack.
MOST_BYTES = 1024 * 1024
DEEPEST = 20


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def dumps(data: Any, *, indent: bool = False) -> bytes:
    """JSON with times in UTC and Z, decimals as numbers."""
    options = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | (orjson.OPT_INDENT_2 if indent else 0)
    return orjson.dumps(data, default=_other, option=options)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        return b"" if data is None else dumps(data)


class TooLarge(ParseError):
    status_code = 413
    default_detail = f"Send at most {MOST_BYTES} bytes."
    default_code = "too_large"


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise TooLarge
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"This is no JSON: {error}.", code="malformed_json") from error
        try:
            return _clean(found, DEEPEST)
        except ValueError as error:
            raise ParseError(str(error), code="validation_error") from error


def _clean(value: Any, depth: int) -> Any:
    """Text as `lib.markup.clean_text` lets it in, at every depth."""
    if depth == 0:
        raise ValueError("This is nested too deeply.")
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): _clean(item, depth - 1) for key, item in value.items()}
    return value
