"""What the console's scripts say is Chinese too; its pages are read in tests/front/test_all_chinese.py."""

import json
import re
from pathlib import Path
from typing import Any

import polib
import pytest
import wagtail

pytestmark = pytest.mark.django_db
#: Every sentence in Wagtail's scripts, as its translators get them.
SENTENCES = Path(wagtail.__file__).parent / "admin" / "locale" / "en" / "LC_MESSAGES" / "djangojs.po"


def test_scripts_speak_chinese_too(client: Any) -> None:
    page = client.get("/hq/jsi18n/").content.decode()
    found = re.search(r"newcatalog = (\{.*?\});\n", page, re.DOTALL)
    assert found is not None
    catalogue = json.loads(found[1])

    assert catalogue["Changes have been autosaved."] == "已自动保存。"
    assert [one.msgid for one in polib.pofile(str(SENTENCES)) if one.msgid not in catalogue] == []
