"""Wagtail's search for the HQ console: by parts of words, since Chinese has no blanks between them."""

from typing import Any

from django.db.models import Q
from modelsearch.backends.database import fallback
from modelsearch.query import PlainText

from apps.console_kit.names import called
from apps.lib.words import folded


class _Compiler(fallback.DatabaseSearchQueryCompiler):
    def build_single_term_filter(self, term: str) -> Any:
        return super().build_single_term_filter(term) | super().build_single_term_filter(folded(term))

    def build_database_filter(self, query: Any, boost: float = 1.0) -> Any:
        found = super().build_database_filter(query, boost=boost)
        if not isinstance(query, PlainText) or "title" not in self.fields_names:
            return found
        rows = called(self.queryset.model._default_manager.all(), query.query_string, "title")
        return found | Q(pk__in=rows.values("pk"))

    def _get_filters_from_queryset(self, check_only: bool = False) -> None:
        """Every filter goes with words: PostgreSQL applies it itself, so no index has to know its field."""


class SearchBackend(fallback.DatabaseSearchBackend):
    """`WAGTAILSEARCH_BACKENDS`: rows whose text holds every word that is asked for."""

    query_compiler_class = _Compiler
    autocomplete_query_compiler_class = _Compiler
