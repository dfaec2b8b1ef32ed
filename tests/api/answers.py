"""What every refusal of the API looks like, and somebody to write."""

import json
from typing import Any

KIM = {"first_name": "Kim", "last_name": "Larsen"}
GREENHOUSE = "candidates/external/greenhouse/17130732003"


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert body["code"] == code
    assert body["status"] == status
    assert body["request_id"] == answer["X-Request-Id"]
    return body
