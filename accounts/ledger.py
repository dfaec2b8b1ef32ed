"""The one ledger: every action records what it did, in its own transaction."""

import contextvars
import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction

from accounts.models import ApiToken, Event, User


@dataclass(frozen=True)
class Origin:
    """Where the work at hand comes from: one request, or one task."""

    request_id: str = ""
    address: str = ""
    token: ApiToken | None = None


origin: contextvars.ContextVar[Origin] = contextvars.ContextVar("origin", default=Origin())  # noqa: B039


def record(
    verb: str,
    *,
    by: User | None,
    on: models.Model,
    job: models.Model | None = None,
    changed: Iterable[str] = (),
    reason: str = "",
    is_read: bool = False,
) -> Event:
    """Write one event. Must run inside the transaction of what it tells of (a read needs none).

    `changed` names fields, never their values: the ledger outlives the person.
    """
    if not is_read and not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            f"record({verb!r}) outside a transaction: the event could outlive a rollback."
        )
    here = origin.get()
    return Event.objects.create(
        verb=verb,
        by=by,
        token=here.token,
        object_type=on._meta.model_name,
        object_id=on.pk,
        job_id=job.pk if job else None,
        changed=sorted(changed),
        reason=reason,
        is_read=is_read,
        request_id=here.request_id,
        address=here.address,
    )


def record_reads(
    verb: str, *, by: User, object_type: str, of: Iterable[tuple[UUID, UUID | None]]
) -> None:
    """A read of many things of one kind, each with its job: one row for each, one query."""
    here = origin.get()
    Event.objects.bulk_create(
        Event(
            verb=verb,
            by=by,
            token=here.token,
            object_type=object_type,
            object_id=pk,
            job_id=job,
            is_read=True,
            request_id=here.request_id,
            address=here.address,
        )
        for pk, job in of
    )


def record_all(
    verb: str, *, by: User | None, on: Iterable[models.Model], job: models.Model | None = None
) -> None:
    """The same as `record` for many objects at once, in one statement."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"record_all({verb!r}) outside a transaction.")
    here = origin.get()
    Event.objects.bulk_create(
        Event(
            verb=verb,
            by=by,
            token=here.token,
            object_type=row._meta.model_name,
            object_id=row.pk,
            job_id=job.pk if job else None,
            request_id=here.request_id,
            address=here.address,
        )
        for row in on
    )


def caller_address(meta: Mapping[str, Any]) -> str:
    """Where a request comes from: as the last trusted proxy says, else who holds the connection."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    return str(hops[-proxies] if 0 < proxies <= len(hops) else meta.get("REMOTE_ADDR", ""))


def cut_address(address: str) -> str:
    """The network an address belongs to (/24 or /48): enough to see a pattern, not a person."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))
