"""The id of a member in WeCom, as an administrator sees it in the address book."""

import re

from django.core.validators import RegexValidator

#: 1–64 letters, digits and `_ - @ .`, the first one a letter or a digit (WeCom: 通讯录管理, 创建成员).
_SOUND = re.compile(r"[0-9A-Za-z][0-9A-Za-z_\-@.]{0,63}\Z")
SAY = "企业微信账号是英文字母和数字，在企业微信“通讯录”的成员资料里；不是姓名。"


def is_sound(userid: str) -> bool:
    return _SOUND.match(userid) is not None


validate = RegexValidator(_SOUND, SAY)
