"""Wagtail's search for the HQ console: by parts of words, since Chinese has no blanks between them."""

from typing import Any

from modelsearch.backends.database import fallback

from apps.lib.words import folded


class _Compiler(fallback.DatabaseSearchQueryCompiler):
    def build_single_term_filter(self, term: str) -> Any:
        return super().build_single_term_filter(term) | super().build_single_term_filter(folded(term))


class SearchBackend(fallback.DatabaseSearchBackend):
    """`WAGTAILSEARCH_BACKENDS`: rows whose text holds every word that is asked for."""

    query_compiler_class = _Compiler
    autocomplete_query_compiler_class = _Compiler
