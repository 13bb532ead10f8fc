"""Numbers, and the rows behind every one of them. One module for each question.

Who may see which hosts is decided by the caller: `hosts` is one host, a query of hosts, or EVERYBODY.
"""

from apps.accounts.scope import EVERYBODY, Whose
from apps.insights.periods import Period, Span, last_days, one_day, so_far, span_of, span_of_issue
from apps.insights.selectors.adoption import Adoption, AdoptionDay, issue_adoption
from apps.insights.selectors.advice import Advice, advice
from apps.insights.selectors.afterwards import AFTER as CAME_AFTER
from apps.insights.selectors.afterwards import CALLS_OF, FEWEST, Came, came_of_calls
from apps.insights.selectors.calls import NEWCOMERS, REASONS, HostToCall, Need, hosts_to_call, needs
from apps.insights.selectors.funnels import Funnel, funnel
from apps.insights.selectors.goods import bought_by_many
from apps.insights.selectors.health import DeliveryHealth, delivery_health
from apps.insights.selectors.helping import DAYS as HELP_DAYS
from apps.insights.selectors.helping import HELP_SORTS, Helped, helped, hosts_to_help
from apps.insights.selectors.hosts import HOST_SORTS, HostResult, host_results, ranked_hosts
from apps.insights.selectors.materials import MaterialResult, material_results
from apps.insights.selectors.numbers import (
    OF_DAYS_AND_VISITORS,
    DayNumbers,
    Numbers,
    host_numbers,
    host_series,
    numbers,
    series,
    with_amendments,
    yesterday,
)
from apps.insights.selectors.opening import opening
from apps.insights.selectors.recounting import BEING_RECOUNTED, recounting
from apps.insights.selectors.reports import IssueReport, issue_report, reported_issues
from apps.insights.selectors.rows import Row, Rows, UnknownNumberError, rows_behind
from apps.insights.selectors.tallies import Tallies, Tally, tallies
from apps.insights.selectors.worklist import ALL_REASONS, SHOWS, dressed, is_wrong, narrowed, worklist
from apps.insights.selectors.works import Worked, Works, what_works

__all__ = [
    "ALL_REASONS",
    "BEING_RECOUNTED",
    "CALLS_OF",
    "CAME_AFTER",
    "EVERYBODY",
    "FEWEST",
    "HELP_DAYS",
    "HELP_SORTS",
    "HOST_SORTS",
    "NEWCOMERS",
    "OF_DAYS_AND_VISITORS",
    "REASONS",
    "SHOWS",
    "Adoption",
    "AdoptionDay",
    "Advice",
    "Came",
    "DayNumbers",
    "DeliveryHealth",
    "Funnel",
    "Helped",
    "HostResult",
    "HostToCall",
    "IssueReport",
    "MaterialResult",
    "Need",
    "Numbers",
    "Period",
    "Row",
    "Rows",
    "Span",
    "Tallies",
    "Tally",
    "UnknownNumberError",
    "Whose",
    "Worked",
    "Works",
    "advice",
    "bought_by_many",
    "came_of_calls",
    "delivery_health",
    "dressed",
    "funnel",
    "helped",
    "host_numbers",
    "host_results",
    "host_series",
    "hosts_to_call",
    "hosts_to_help",
    "is_wrong",
    "issue_adoption",
    "issue_report",
    "last_days",
    "material_results",
    "narrowed",
    "needs",
    "numbers",
    "one_day",
    "opening",
    "ranked_hosts",
    "recounting",
    "reported_issues",
    "rows_behind",
    "series",
    "so_far",
    "span_of",
    "span_of_issue",
    "tallies",
    "what_works",
    "with_amendments",
    "worklist",
    "yesterday",
]
