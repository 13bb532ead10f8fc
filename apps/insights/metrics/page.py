"""docs/metrics.md, written from the numbers themselves."""

from apps.insights import metrics
from apps.insights.metrics.base import Filter, Metric

_FILTERS = {
    Filter.ISSUE: "期",
    Filter.SUBJECT: "素材/商品/货架",
    Filter.KIND: "素材类型",
    Filter.CHANNEL: "渠道",
    Filter.HOUR: "小时",
    Filter.ORGANISATION: "组织",
}
_HEAD = """\
# Numbers: what each one counts

Written from `apps/insights/metrics` by `manage.py document_metrics`; a test compares. A number is
defined once: its total, its days, its breakdowns and the rows behind it are computed from one
definition, on every surface.

* **Whose** is always said: one host's, those of a query of hosts, or `EVERYBODY`. There is no
  default.
* **Filters** that a number does not know are refused (`UnknownFilterError`), never ignored.
* **Days** are Shanghai's. A past day's number never changes: hand-overs, departures and later
  orders leave it alone. Two kinds of number are not of a day: how things stand now (时间: 现在), and
  how far those who opened in a span have come by now (阅读, 下单). Two things may change a past day, and
  the page then says on which day they did: an import, and a customer whom we learn of later than the
  day on which she came (an import's 成为客户时间; a WeCom friend of whom no event told us).
* **Money and orders** count for the host who made them. When her customer is handed over, she still
  opens each of their rows, without the order and with 「已交接的客户」 for the name; the new host's numbers
  do not hold them.
* **By organisation** a number counts for the node at which its host was on the day (at the end of
  it): who moves takes no past day along. Hosts who were at two nodes are among the hosts of both.
  Whose numbers somebody may see goes by where hosts are now: a region manager sees those she has, with their
  days elsewhere, and no more those of a host who has left her branch.
* **A doubtful order** (`Order.doubt`) counts from its host's yes, on the day of it: money, commission,
  buyers, the customer's stage. Without her yes it counts nowhere, nor does its cancellation; only 下单,
  which tells what visitors did, and 等确认的订单 hold it.
* **Who came only by a doubtful order** (`Relation.is_customer` false) is seen with the order, and is in no
  list, audience or number of customers. She is one, and a new one of that day, from the host's yes or
  whatever else makes her one: another order, a note, a tag, a question to her, an import. Without any she
  never was; nor is she once she asked to be erased, though her order and its money count from the yes.
* **Hosts beside hosts** (案例成效, 学习和成绩): averages are of those in use on all of the days told, before
  and after, on either side alike. Who came, was suspended or left in between would pull them by that alone.
* **Kept ready**: what a host's day holds (`insights_hostday`), or her day with one
  material, product or shelf (`insights_actday`), is counted by the projection from the same
  definition, and read where it answers the question.

| 数字 | 名字 | 单位 | 怎么算 | 时间 | 可以按什么看 |
|---|---|---|---|---|---|
"""


def text() -> str:
    return _HEAD + "".join(f"{_line(metric)}\n" for metric in metrics.ALL)


def _line(metric: Metric) -> str:
    filters = "、".join(_FILTERS[name] for name in Filter if name in metric.known) or "—"
    when = "现在" if metric.is_of_now else "这段时间"
    return f"| {metric.title} | `{metric.name}` | {metric.unit} | {metric.formula} | {when} | {filters} |"
