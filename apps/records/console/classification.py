"""数据地图: every table and field, how personal it is, what for, how long: made from the models."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.console_kit.viewsets import page
from apps.lib.pii import Kept, Pii
from apps.records import classification, naming

WORDS = {
    Pii.NONE: "无",
    Pii.IDENTIFIER: "标识",
    Pii.CONTACT: "联系方式",
    Pii.TRAIT: "人口特征",
    Pii.BEHAVIOUR: "行为",
    Pii.SENSITIVE: "敏感",
    Pii.SECRET: "密钥",
    Pii.STAFF: "工作身份",
}
SINCE = {
    Kept.RELATION: "关系结束、最后一单之后",
    Kept.TRADE: "下单之后",
    Kept.LEDGER: "金额和事实长期保留；本人要求删除后只剩化名",
    Kept.MESSAGE: "发出之后清空正文",
    Kept.INBOX: "处理之后清空正文",
    Kept.ACCESS: "记下之后",
    Kept.CONSENT: "收回或本人删除之后",
    Kept.REQUEST: "办完之后",
    Kept.VISIT: "最后一次来访之后",
    Kept.SHORT: "用过之后",
    Kept.APPLICANT: "申请有了结果之后",
    Kept.STAFF: "在职期间",
}


def data_map(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("records.view_accesslog"):
        raise PermissionDenied
    tables = [_row(table) for table in classification.tables()]
    foreign = [_row(table) for table in classification.foreign_tables()]
    personal = [row for row in tables if row["is_personal"]]
    return TemplateResponse(
        request,
        "console/data_map.html",
        {
            "personal": personal,
            "foreign": [row for row in foreign if row["is_personal"]],
            "others": [row for row in tables + foreign if not row["is_personal"]],
            "fields": sum(len(row["columns"]) for row in tables + foreign),
            "sealed": sum(column["is_sealed"] for row in tables for column in row["columns"]),
            "count": sum(row["is_personal"] for row in tables + foreign),
            **page("数据地图", icon="globe"),
        },
    )


def _row(table: classification.Table) -> dict[str, Any]:
    meta = table.model._meta
    return {
        "name": naming.name_of_table(table.model),
        "label": meta.db_table,
        "is_personal": table.is_personal,
        "purpose": table.use.purpose if table.use else "",
        "kept": say_kept(table.use.kept) if table.use else "",
        "columns": [
            {
                "name": naming.name_of_field(column.field),
                "label": column.field.name,
                "word": WORDS[column.pii or Pii.NONE],
                "pii": column.pii,
                "is_personal": column.is_personal,
                "is_sealed": column.is_sealed,
            }
            for column in table.columns
        ],
    }


def say_kept(kept: Kept) -> str:
    """`下单之后 3 年`"""
    period: timedelta | None = settings.RETENTION[kept]
    return str(SINCE[kept]) if period is None else f"{SINCE[kept]} {say_period(period)}"


def say_period(period: timedelta) -> str:
    """`3 年`, `90 天`, `24 小时`"""
    days = period.days
    if days >= 365 and days % 365 == 0:
        return f"{days // 365} 年"
    return f"{days} 天" if days > 1 else f"{int(period.total_seconds() // 3600)} 小时"
