"""What an applicant agrees to, word by word; privacy keeps each version."""

from apps.accounts.services.joining import shown_for

NOTICE = (
    "你填的称呼、手机号、企业微信账号和想说的话，只给{company}负责审核的同事看，用来联系你、决定是否开通账号，加密保存。"
    "没有通过的申请，{days} 天后删除；通过后，"
    "称呼、手机号和企业微信账号会成为你账号的一部分，手机号只用来给你打电话。"
    "审核前你可以随时在申请页撤回，撤回后马上删除。"
)
NOTICE_PURPOSE = "join"


def notice_text(company: str) -> str:
    return NOTICE.format(company=company, days=shown_for().days)
