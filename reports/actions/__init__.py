from reports.actions.exports import (
    cancel_export,
    delete_export,
    request_export,
    retry_report,
    sweep,
    tidy,
)
from reports.actions.rendering import render_report

__all__ = [
    "cancel_export",
    "delete_export",
    "render_report",
    "request_export",
    "retry_report",
    "sweep",
    "tidy",
]
