"""Every API that we call, and what repeating it does. The client refuses a path that is not declared here."""

from dataclasses import dataclass

from apps.outbox.registry import Idempotency


class UndeclaredEndpointError(Exception):
    """A path without a declared idempotency class: nobody has said whether it may be repeated."""


@dataclass(frozen=True)
class Endpoint:
    path: str
    idempotency: Idempotency
    #: Seconds to connect, seconds to the next byte.
    timeout: tuple[float, float] = (2, 5)
    #: Seconds for the whole answer, so that a dripping one cannot hold a worker.
    total: float = 10
    #: A call of it brings something to consumers: it is made with the gate's `Allowed` alone.
    reaches_consumers: bool = False


GETTOKEN = Endpoint("gettoken", Idempotency.READ)
SEND_MESSAGE = Endpoint("message/send", Idempotency.DEDUPLICATED)
SEND_WELCOME = Endpoint(
    "externalcontact/send_welcome_msg", Idempotency.ONE_SHOT, (1, 2), 3, reaches_consumers=True
)
#: A repeat answers that a transfer is running already: the state is the same.
TRANSFER = Endpoint("externalcontact/transfer_customer", Idempotency.NATURAL, reaches_consumers=True)
TRANSFER_OF_RESIGNED = Endpoint(
    "externalcontact/resigned/transfer_customer", Idempotency.NATURAL, reaches_consumers=True
)
#: Each makes a task of its own: after a call without an answer, look before repeating.
ADD_MASS = Endpoint("externalcontact/add_msg_template", Idempotency.LOOK_FIRST, reaches_consumers=True)
ADD_MOMENT = Endpoint("externalcontact/add_moment_task", Idempotency.LOOK_FIRST, reaches_consumers=True)
#: What has been called off stays so: a repeat says that it was, or nothing.
STOP_MASS = Endpoint("externalcontact/cancel_groupmsg_send", Idempotency.NATURAL)
STOP_MOMENT = Endpoint("externalcontact/cancel_moment_task", Idempotency.NATURAL)
#: A second upload is one more temporary file that nobody names.
UPLOAD = Endpoint("media/upload", Idempotency.NATURAL, timeout=(2, 15), total=20)
UPLOAD_FOR_MOMENTS = Endpoint("media/upload_attachment", Idempotency.NATURAL, timeout=(2, 15), total=20)
READ_VISITOR = Endpoint("auth/getuserinfo", Idempotency.ONE_SHOT)

_DECLARED = {
    endpoint.path: endpoint
    for endpoint in (
        GETTOKEN,
        SEND_MESSAGE,
        SEND_WELCOME,
        READ_VISITOR,
        TRANSFER,
        TRANSFER_OF_RESIGNED,
        ADD_MASS,
        ADD_MOMENT,
        STOP_MASS,
        STOP_MOMENT,
        UPLOAD,
        UPLOAD_FOR_MOMENTS,
        Endpoint("externalcontact/get_groupmsg_list_v2", Idempotency.READ),
        Endpoint("externalcontact/get_groupmsg_task", Idempotency.READ),
        Endpoint("externalcontact/get_groupmsg_send_result", Idempotency.READ),
        Endpoint("externalcontact/get_moment_task_result", Idempotency.READ),
        Endpoint("externalcontact/get_moment_task", Idempotency.READ),
        Endpoint("externalcontact/get_moment_send_result", Idempotency.READ),
        Endpoint("externalcontact/transfer_result", Idempotency.READ),
        Endpoint("externalcontact/resigned/transfer_result", Idempotency.READ),
        Endpoint("externalcontact/get_corp_tag_list", Idempotency.READ),
        #: Looked for before it is made; a name that is there is not made twice.
        Endpoint("externalcontact/add_corp_tag", Idempotency.NATURAL),
        Endpoint("externalcontact/mark_tag", Idempotency.NATURAL),
        Endpoint("user/get", Idempotency.READ),
        Endpoint("get_jsapi_ticket", Idempotency.READ),
        Endpoint("ticket/get", Idempotency.READ),
        Endpoint("externalcontact/get", Idempotency.READ, timeout=(1, 3), total=5),
        Endpoint("externalcontact/list", Idempotency.READ),
        Endpoint("externalcontact/get_follow_user_list", Idempotency.READ),
        Endpoint("externalcontact/batch/get_by_user", Idempotency.READ),
    )
}


def endpoint_of(path: str) -> Endpoint:
    try:
        return _DECLARED[path]
    except KeyError:
        raise UndeclaredEndpointError(path) from None


def declared_paths() -> set[str]:
    return set(_DECLARED)


def paths_to_consumers() -> set[str]:
    """The calls that end on a consumer's phone."""
    return {path for path, one in _DECLARED.items() if one.reaches_consumers}
