"""The year's 节气 and 节日 to begin with, and the search index of materials written before there was one."""

import zlib

from django.db import migrations

TERMS = "立春 雨水 惊蛰 春分 清明 谷雨 立夏 小满 芒种 夏至 小暑 大暑 立秋 处暑 白露 秋分 寒露 霜降 立冬 小雪 大雪 冬至 小寒 大寒"
LUNAR = {
    "春节": (1, 1), "元宵节": (1, 15), "端午节": (5, 5), "七夕": (7, 7), "中秋节": (8, 15), "重阳节": (9, 9),
    "腊八节": (12, 8), "小年": (12, 23), "除夕": (12, 30),
}
SOLAR = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "劳动节": (5, 1), "儿童节": (6, 1), "618": (6, 18),
    "教师节": (9, 10), "国庆节": (10, 1), "双十一": (11, 11), "双十二": (12, 12),
}
SUNDAY = {"母亲节": (5, 2), "父亲节": (6, 3)}


def fill(apps, schema_editor):
    from apps.lib.ids import uuid7

    Festival = apps.get_model("content", "Festival")
    rows = [Festival(name=name, calendar="term", public_id=uuid7()) for name in TERMS.split()]
    for calendar, days in (("lunar", LUNAR), ("solar", SOLAR), ("sunday", SUNDAY)):
        rows += [
            Festival(name=name, calendar=calendar, month=month, day=day, public_id=uuid7())
            for name, (month, day) in days.items()
        ]
    Festival.objects.bulk_create(rows)
    Material = apps.get_model("content", "Material")
    batch = []
    for material in Material.objects.only("pk", "search_text").iterator(chunk_size=500):
        pairs = {word[at : at + 2] for word in material.search_text.split() for at in range(len(word) - 1)}
        material.search_grams = sorted(zlib.crc32(pair.encode()) - 0x80000000 for pair in pairs)
        batch.append(material)
        if len(batch) == 500:
            Material.objects.bulk_update(batch, ["search_grams"])
            batch = []
    Material.objects.bulk_update(batch, ["search_grams"])


class Migration(migrations.Migration):

    dependencies = [("content", "0002_library")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
