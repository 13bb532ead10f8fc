"""The two ways API lists are paged: numbered, and by cursor for what grows in time."""

from typing import Any

from rest_framework.pagination import CursorPagination, PageNumberPagination
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
