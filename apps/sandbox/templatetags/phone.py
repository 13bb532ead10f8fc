"""How messages look on a phone."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

ANCHOR = re.compile(
    r"&lt;a\s+href=(?:&quot;|&#x27;)(https?://[^\s&]+(?:&amp;[^\s&]+)*)(?:&quot;|&#x27;)"
    r"[^;]*?&gt;(.*?)&lt;/a&gt;",
    re.DOTALL,
)
BARE = re.compile(r"(?<![\"'>=])(https?://[^\s<>\"'，。；！]+)")
DIV = re.compile(
    r"&lt;div class=(?:&quot;|&#x27;)(gray|normal|highlight)(?:&quot;|&#x27;)&gt;(.*?)&lt;/div&gt;", re.DOTALL
)
FONT = re.compile(
    r"&lt;font color=(?:&quot;|&#x27;)(info|comment|warning)(?:&quot;|&#x27;)&gt;(.*?)&lt;/font&gt;",
    re.DOTALL,
)


def link(address: str, text: str) -> str:
    return f'<a href="{address}" target="_blank" rel="noopener">{text}</a>'


@register.filter
def rich_text(text: str) -> SafeString:
    """Escaped text in which links, and the few marks WeCom knows, are alive again."""
    safe: str = escape(text)
    safe = ANCHOR.sub(lambda found: link(found[1], found[2]), safe)
    safe = DIV.sub(r'<span class="line line-\1">\2</span>', safe)
    if "<a " not in safe:
        safe = BARE.sub(lambda found: link(found[1], found[1]), safe)
    return mark_safe(safe.replace("\n", "<br>"))  # noqa: S308


@register.filter
def markdown(text: str) -> SafeString:
    """The subset that WeCom shows: headings, bold, code, quotes, links, three colours."""
    lines = []
    for raw in escape(text).splitlines():
        line = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", raw)
        line = re.sub(r"`(.+?)`", r"<code>\1</code>", line)
        line = re.sub(r"\[(.+?)\]\((https?://[^\s)]+)\)", lambda found: link(found[2], found[1]), line)
        line = FONT.sub(r'<span class="font-\1">\2</span>', line)
        if heading := re.match(r"(#{1,6})\s+(.*)", line):
            line = f'<b class="heading">{heading[2]}</b>'
        elif line.startswith("&gt;"):
            line = f'<span class="quote">{line[4:].strip()}</span>'
        lines.append(line)
    return mark_safe("<br>".join(lines))  # noqa: S308


@register.filter
def moment(at: datetime | None) -> str:
    """「14:05」 today, 「昨天 14:05」, 「3月5日 14:05」."""
    if at is None:
        return ""
    local = timezone.localtime(at)
    today = timezone.localdate()
    clock = f"{local:%H:%M}"
    if local.date() == today:
        return clock
    if local.date() == today - timedelta(days=1):
        return f"昨天 {clock}"
    year = f"{local.year}年" if local.year != today.year else ""
    return f"{year}{local.month}月{local.day}日 {clock}"


@register.filter
def last_letter(name: str) -> str:
    """What stands in a round picture: a Chinese name's last character, another name's first letter."""
    stripped = name.strip()
    if not stripped:
        return "·"
    return stripped[0].upper() if stripped[0].isascii() else stripped[-1]


@register.filter
def item(source: dict[str, Any] | None, name: str) -> Any:
    return source.get(name, "") if isinstance(source, dict) else ""


@register.filter
def words(text: str) -> list[str]:
    return text.split(",")
