"""What a customer is called in words to her: by the name that her host's pages show, or by none.

`Relation.shown_name` is that name, on every page, in every list, message and answer.
"""

import re

from apps.customers.models import Relation

#: Ways of calling somebody: 楼上王姐, 朵朵妈, 阿珍, 糖糖. Whatever else a remark says may be a note.
_CALLED = re.compile(
    r"[^\W\d_]{0,6}(?:姐姐?|哥哥?|妹妹?|弟弟?|妈妈?|爸爸?|奶奶?|爷爷?|叔叔?|婶婶?|伯伯?|[阿小大]?姨|嫂子?|"
    r"老师|医生|太太|先生|女士|总)|[小阿老大][^\W\d_]{1,2}|([^\W\d_])\1"
)


def greeted(relation: Relation, words: str) -> str:
    """These words to her, beginning with what she is called."""
    name = greeting_name(relation)
    return f"{name}，{words}" if name else words


def greeting_name(relation: Relation) -> str:
    """How a text to this customer begins, never by another name than her host's list shows; "" for none.

    A remark that may be a note (「三楼爱便宜」) is for the host's eyes: such a text calls nobody by name,
    unless the customer's own stands in it.
    """
    remark, name = relation.remark.strip(), relation.name.strip()
    if relation.blocked_at is not None:
        return ""
    if not remark or (name and name in remark):
        return name
    return remark if _CALLED.fullmatch(remark) else ""
