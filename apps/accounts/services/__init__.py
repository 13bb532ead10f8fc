"""What may be done with accounts: signing in and out, tokens, one-time links, the steps of a host's life."""

from apps.accounts.services.binding import (
    UsernameTakenError,
    WecomTakenError,
    bind_wecom,
    hold_bound,
    rename,
)
from apps.accounts.services.events import by_others, when_by_another
from apps.accounts.services.hosts import (
    TransitionNotAllowedError,
    create_host,
    find_host_by_wecom,
    move_host,
    place_host,
    release_wecom,
    what_out_means,
    when_out,
)
from apps.accounts.services.links import LinkNotValidError, end_links, find_link, make_link, redeem
from apps.accounts.services.passwords import change_password, choose_password, make_password_link
from apps.accounts.services.phones import keep_phone, phone_of
from apps.accounts.services.second_step import start_session
from apps.accounts.services.signing_in import (
    LOCKED_FOR,
    MAX_FAILURES,
    LockedOutError,
    WrongCredentialsError,
    check_password,
    locks,
    sign_in,
    sign_out_everywhere,
    unlock,
    wait_at_sign_in,
)
from apps.accounts.services.tokens import find_token, issue_token, revoke_token, tokens_of
from apps.accounts.services.two_people import OneselfError

__all__ = [
    "LOCKED_FOR",
    "MAX_FAILURES",
    "LinkNotValidError",
    "LockedOutError",
    "OneselfError",
    "TransitionNotAllowedError",
    "UsernameTakenError",
    "WecomTakenError",
    "WrongCredentialsError",
    "bind_wecom",
    "by_others",
    "change_password",
    "check_password",
    "choose_password",
    "create_host",
    "end_links",
    "find_host_by_wecom",
    "find_link",
    "find_token",
    "hold_bound",
    "issue_token",
    "keep_phone",
    "locks",
    "make_link",
    "make_password_link",
    "move_host",
    "phone_of",
    "place_host",
    "redeem",
    "release_wecom",
    "rename",
    "revoke_token",
    "sign_in",
    "sign_out_everywhere",
    "start_session",
    "tokens_of",
    "unlock",
    "wait_at_sign_in",
    "what_out_means",
    "when_by_another",
    "when_out",
]
