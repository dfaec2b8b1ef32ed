"""Fields of what the API takes. JSON has types: a number is no text, and "yes" is no boolean."""

from datetime import UTC
from typing import Any

from rest_framework import serializers

from lib.rest.query import YEARS

SOURCE = r"^[a-z0-9][a-z0-9_-]{0,31}\Z"
MOST_UNKNOWN = 20


class Text(serializers.CharField):
    """A string. Optional ones take null, which empties them, as the API writes empty ones."""

    def __init__(self, **kwargs: Any) -> None:
        if kwargs.get("required") is False:
            kwargs.setdefault("allow_blank", True)
            kwargs.setdefault("allow_null", True)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        is_empty, value = super().validate_empty_values(data)
        return (True, "") if is_empty and value is None else (is_empty, value)


class Flag(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:40])
        return data


class Choice(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=str(data)[:40])
        return str(super().to_internal_value(data))


class Id(serializers.UUIDField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=str(data)[:40])
        return super().to_internal_value(data)


class Moment(serializers.DateTimeField):
    """A time in; one without an offset is refused."""

    default_error_messages = {
        "no_offset": "Give a UTC offset or Z.",
        "out_of_range": f"Give a time between {YEARS[0]} and {YEARS[1]}.",
    }

    def to_internal_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            self.fail("invalid", format="2026-11-18T09:00:00Z")
        return super().to_internal_value(value)

    def enforce_timezone(self, value: Any) -> Any:
        if value.tzinfo is None:
            self.fail("no_offset")
        if not YEARS[0] < value.year < YEARS[1]:
            self.fail("out_of_range")
        return value.astimezone(UTC)


# Context: `lenient` ignores unknown properties, as ATSs send them along; `known` says that the row
# exists, so that nothing must be repeated. A docstring would be printed into OpenAPI.
class Strict(serializers.Serializer):
    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if self.parent is None and self.context.get("known"):
            for one in fields.values():
                one.required = False
        return fields

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and not self.context.get("lenient"):
            unknown = sorted(set(data) - set(self.fields))[:MOST_UNKNOWN]
            if unknown:
                raise serializers.ValidationError(
                    {name[:191]: ["There is no such property."] for name in unknown},
                    code="unknown",
                )
        return super().to_internal_value(data)


class ExternalRef(Strict):
    source = serializers.RegexField(SOURCE)
    id = Text(max_length=191, trim_whitespace=False)


class Reference(Strict):
    """One of our ids, or what another system calls it."""

    id = Id(required=False)
    external = ExternalRef(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError("Give either an id or an external reference.")
        return attrs
