"""Logs: a line for people on the terminal, JSON with the request id in production. No personal values."""

from typing import Any

import structlog

from config.private_paths import scrub


def configuration(*, json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING; standard-library loggers go through structlog's formatter."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if json:
        shared.append(structlog.processors.format_exc_info)
        final.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        # The fancy traceback prints local variables: names and phones would end up in the log.
        plain = structlog.dev.plain_traceback
        final.append(structlog.dev.ConsoleRenderer(colors=False, exception_formatter=plain))
    shared.append(scrub)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": final,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Its lines carry raw query strings.
            "urllib3": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            # Its lines carry names and addresses; the lock-outs are rows that the console shows.
            "axes": {"level": "ERROR"},
            # One line for each edit and each index task: the console keeps its own history.
            "wagtail": {"level": "WARNING"},
            "django_tasks": {"level": "WARNING"},
        },
    }
