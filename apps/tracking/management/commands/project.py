from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.tracking import reader


class Command(BaseCommand):
    help = "让统计追上账本；--rebuild 从头重算。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", help="只做这些（默认全部）")
        parser.add_argument("--rebuild", action="store_true", help="清空后从头重算")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {projection.name: projection for projection in reader.projections()}
        names = options["names"] or list(known)
        unknown = set(names) - set(known)
        if unknown:
            raise CommandError(f"没有这样的统计：{'、'.join(sorted(unknown))}。可以选：{'、'.join(known)}。")
        for name in names:
            if options["rebuild"]:
                reader.rebuild(known[name])
            self.stdout.write(f"{name}：读了 {reader.finish(known[name]):,} 条事件")
