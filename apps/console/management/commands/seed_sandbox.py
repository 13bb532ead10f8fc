"""Tell the WeCom sandbox who works here and whom they know, so that the demo can be played on its phones."""

from typing import Any

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.models import Host
from apps.customers.models import Relation

TIMEOUT = (2, 60)


class Command(BaseCommand):
    help = "把大C和他们的企业微信客户告诉沙箱（开发环境专用，可以反复运行）"

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_ALLOWED or settings.WECOM_API_BASE.endswith(".qq.com"):
            raise CommandError("企业微信地址不是沙箱：请用 make run 启动开发环境。")
        hosts = list(Host.objects.active().exclude(wecom_userid=None).order_by("pk"))
        members = [
            {"userid": host.wecom_userid, "name": host.name, "position": host.get_kind_display()}
            for host in hosts
        ]
        self._tell("members", {"members": members})
        relations = Relation.objects.current().filter(
            host__in=hosts, external_index__isnull=False, source=Relation.Source.WECOM
        )
        customers = [
            {
                "external_userid": relation.external_userid,
                "name": relation.name,
                "follows": [{"userid": relation.host.wecom_userid, "remark": relation.remark}],
            }
            for relation in relations.select_related("host").order_by("pk")
        ]
        for start in range(0, len(customers), 2_000):
            self._tell("customers", {"customers": customers[start : start + 2_000]})
        self.stdout.write(f"沙箱里有 {len(members)} 位成员，{len(customers):,} 位外部联系人。")

    def _tell(self, what: str, body: dict[str, Any]) -> None:
        try:
            answer = requests.post(f"{settings.WECOM_API_BASE}/__sim/{what}/", json=body, timeout=TIMEOUT)
            answer.raise_for_status()
        except requests.RequestException as error:
            raise CommandError(f"沙箱没有应答（{type(error).__name__}）：请确认它已启动。") from None
