"""send_welcome_msg: one greeting, within 20 seconds of the event that brought its code."""

from apps.sandbox import fieldcheck
from apps.sandbox.endpoints.attachments import checked_content
from apps.sandbox.errors import ApiError
from apps.sandbox.gate import Answer, Call, endpoint, try_hold
from apps.sandbox.models import ConsumerLine, WelcomeCode


@endpoint("externalcontact/send_welcome_msg", is_customer_api=True)
def send_welcome_msg(call: Call) -> Answer:
    given = fieldcheck.text(call.body, "welcome_code", missing=41049)
    text, attachments = checked_content(call)
    if not try_hold(f"welcome:{given}"):
        raise ApiError(41096)
    code = WelcomeCode.objects.select_related("follow__member").filter(code=given).first()
    if code is None or code.expires_at <= call.now:
        raise ApiError(41050)
    if code.used_at:
        raise ApiError(call.simulation.welcome_reuse_errcode)
    follow = code.follow
    if not call.app.sees(follow.member):
        raise ApiError(60011)
    if follow.chatted_at or follow.welcomed_at:
        raise ApiError(41051)
    code.used_at = follow.welcomed_at = call.now
    code.save(update_fields=["used_at"])
    follow.save(update_fields=["welcomed_at"])
    ConsumerLine.objects.create(
        follow=follow, kind=ConsumerLine.Kind.WELCOME, text=text, attachments=attachments, at=call.now
    )
    return {}
