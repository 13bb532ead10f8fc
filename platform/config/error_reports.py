"""Error reports by Sentry's protocol, off without SENTRY_DSN. What leaves names code and nobody.

A report is made anew from what is allowed, so that a new field of the SDK, of Django or of Celery stays here
until somebody has looked at it. Left out are what was asked for and by whom (address, query, form, headers,
cookies, task arguments), local variables, breadcrumbs, and what an exception says: PostgreSQL's messages
quote rows. The whole text stands in our own log under the same request id.
"""

from typing import Any

import structlog

from config.private_paths import without_keys

#: Of a report, of a frame and of the context: what is copied.
_REPORT = (
    "event_id",
    "timestamp",
    "level",
    "platform",
    "release",
    "environment",
    "server_name",
    "logger",
    "sdk",
)
_FRAME = ("filename", "module", "function", "lineno", "in_app", "context_line")
_CONTEXT = ("request_id", "route")
#: Whose log lines are sentences without values: ours, which a linter holds to it (ruff G).
_OUR_LOGGERS = ("apps", "config", "runtime")


def start(dsn: str, *, environment: str) -> None:
    """Report unhandled errors and logged ones to `dsn` from now on; an empty `dsn` loads nothing."""
    if not dsn:
        return
    import sentry_sdk
    from sentry_sdk.utils import BadDsn, Dsn

    try:
        Dsn(dsn)
    except (BadDsn, ValueError):
        raise ValueError(
            "SENTRY_DSN 应是错误平台给的完整地址，例如 https://钥匙@sentry.example.com/1；不用就不要写。"
        ) from None
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        before_send=only_allowed,
        before_breadcrumb=lambda crumb, hint: None,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        send_client_reports=False,
        trace_propagation_targets=[],  # no header of its own in what we ask of WeCom
    )


def only_allowed(event: Any, hint: dict[str, Any]) -> Any:
    """The report as it may leave this machine."""
    kept: dict[str, Any] = {name: event[name] for name in _REPORT if name in event}
    if raised := event.get("exception", {}).get("values"):
        kept["exception"] = {"values": [_raised(one) for one in raised]}
    elif message := _sentence(event):
        kept["logentry"] = {"message": message}
    context = structlog.contextvars.get_contextvars()
    kept["tags"] = {name: str(context[name]) for name in _CONTEXT if name in context}
    if "route" in context:
        kept["transaction"] = str(context["route"])
    return kept


def _raised(one: dict[str, Any]) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames") or []
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "mechanism": {"type": "generic", "handled": (one.get("mechanism") or {}).get("handled")},
        "stacktrace": {
            "frames": [{name: frame[name] for name in _FRAME if name in frame} for frame in frames]
        },
    }


def _sentence(event: dict[str, Any]) -> str:
    """What was logged, before its values were put in; empty for others' loggers."""
    said = (event.get("logentry") or {}).get("message")
    ours = str(event.get("logger", "")).partition(".")[0] in _OUR_LOGGERS
    return without_keys(said) if ours and isinstance(said, str) else ""
