"""The two ways API lists are paged: numbered, and by cursor for what grows in time."""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination, PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response


class NumberedPagination(PageNumberPagination):
    """`{"count", "next", "previous", "results"}`, 20 a page, at most 100."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100


class TimePagination(CursorPagination):
    """The same shape for time-ordered lists; `count` is null: counting would cost more than the page."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering: Any = "-occurred_at"
    invalid_cursor_message = "没有这一页，请从第一页重新开始。"

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place in the list, in UTC; what is no moment in time is no place."""
        cursor = super().decode_cursor(request)
        if cursor is None or cursor.position is None:
            return cursor
        moment = _moment(str(cursor.position))
        if moment is None:
            raise NotFound(self.invalid_cursor_message)
        return Cursor(cursor.offset, cursor.reverse, str(moment))  # type: ignore[arg-type]  # its stub is wrong

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "count": None,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        answer = super().get_paginated_response_schema(schema)
        answer["properties"] = {
            "count": {"type": "integer", "nullable": True, "example": None},
            **answer["properties"],
        }
        return answer


def _moment(text: str) -> datetime | None:
    """In UTC: PostgreSQL reads no zone beyond 16 hours, and the calendar's ends have no neighbours."""
    try:
        moment = parse_datetime(text)
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
