"""Copied beside a proof as sitecustomize.py: sockets reach loopback only, in children too."""

import ipaddress
import sys
from typing import Any


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and not _is_local(args[1]):
        raise PermissionError(f"a proof may reach loopback only, not {args[1]!r}")


sys.addaudithook(_guard)
