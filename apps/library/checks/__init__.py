"""What is looked at before a material or an issue goes to review: findings, some of which block."""

from collections.abc import Callable

from apps.library.checks import claims, forbidden_words, likeness, pictures
from apps.library.checks.draft import Draft, Finding

__all__ = ["Draft", "Finding", "check", "check_words"]

#: Each looks at one thing. A new check is one function here.
_CHECKS: tuple[Callable[[Draft], list[Finding]], ...] = (
    forbidden_words.forbidden,
    claims.prices,
    claims.product,
    forbidden_words.length,
    pictures.sizes,
    likeness.near_duplicates,
)


def check(draft: Draft) -> list[Finding]:
    """Everything that is to be said of a draft, what blocks first."""
    found = [finding for look in _CHECKS for finding in look(draft)]
    return sorted(found, key=lambda finding: not finding.blocks)


def check_words(draft: Draft) -> list[Finding]:
    """What can be said of words that are no material: an issue's theme, a machine's draft."""
    return [*forbidden_words.forbidden(draft), *claims.prices(draft), *claims.product(draft)]
