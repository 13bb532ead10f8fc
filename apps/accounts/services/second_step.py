"""The second step of signing in: a code from the person's authenticator app, or one of her recovery codes.

People at HQ must take it in production, everybody else may set it up. Between password and code the browser
is nobody yet: its session holds only whose password was right, for ten minutes.
"""

import secrets
import unicodedata
from base64 import b32encode
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from apps.accounts import access
from apps.accounts.models import AccountEvent, Authenticator, RecoveryCode, User
from apps.accounts.services.events import note
from apps.accounts.services.signing_in import sign_in, sign_out_everywhere
from apps.accounts.services.two_people import OneselfError
from apps.database import crypto
from apps.lib.ids import share_code

#: From the right password to the code.
PATIENCE = timedelta(minutes=10)
RECOVERY_CODES = 10
_SESSION_KEY = "first_step"


class WrongCodeError(Exception):
    """The code is wrong, used, or too old."""


class WaitError(Exception):
    """Too many wrong codes: try again `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


def authenticator_of(user: User) -> Authenticator | None:
    """The app that `user` confirmed, if any."""
    found: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=True).first()
    return found


def start_session(request: HttpRequest, user: User, *, now: datetime) -> bool:
    """After the right password. True: signed in. False: the second step comes first."""
    if not access.second_step_due(user):
        sign_in(request, user)
        return True
    request.session.cycle_key()
    request.session[_SESSION_KEY] = {
        "user": user.pk,
        "at": now.timestamp(),
        # A password chosen anew in the meantime ends what the old one began.
        "hash": user.get_session_auth_hash(),
    }
    return False


def who_waits(request: HttpRequest, *, now: datetime) -> User | None:
    """Whose password was right in this browser within the last ten minutes."""
    begun = request.session.get(_SESSION_KEY)
    if not isinstance(begun, dict) or now.timestamp() - begun["at"] > PATIENCE.total_seconds():
        return None
    user: User | None = User.objects.filter(pk=begun["user"], is_active=True).first()
    if user is None or not secrets.compare_digest(user.get_session_auth_hash(), begun["hash"]):
        return None
    return user


def finish(request: HttpRequest, user: User, device: Authenticator) -> None:
    """Both steps are taken: a session with a new id."""
    request.session.pop(_SESSION_KEY, None)
    sign_in(request, user, device=device)


def check_code(user: User, code: str, *, now: datetime) -> Authenticator:
    """Use `code` up. WrongCodeError, WaitError: like a wrong password, to be answered, not raised further.

    The authenticator's row is locked meanwhile: of many at once with one code, one succeeds. What a keyboard
    made full width is read; other scripts' digits are no code at all, and count as no try.
    """
    typed = "".join(unicodedata.normalize("NFKC", code).split()).replace("-", "")
    if not typed.isascii():
        raise WrongCodeError
    with transaction.atomic():
        outcome = _try(user, typed, now=now)
    if isinstance(outcome, datetime):
        raise WaitError(outcome)
    if outcome is None:
        raise WrongCodeError
    return outcome


def _try(user: User, code: str, *, now: datetime) -> Authenticator | datetime | None:
    device: Authenticator | None = (
        Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
    )
    if device is None:
        return None
    allowed, why = device.verify_is_allowed()
    if not allowed:
        until: datetime = why["locked_until"]
        return until
    if device.accepts(code, now=now):
        device.throttle_reset()
        return device
    if _use_recovery_code(user, code, now=now):
        device.throttle_reset()
        note(user, AccountEvent.Kind.CODE_USED, by=user, now=now)
        return device
    device.throttle_increment()
    return None


def _use_recovery_code(user: User, code: str, *, now: datetime) -> bool:
    rows = RecoveryCode.objects.filter(user=user, digest=_digest(user, code), used_at=None)
    return rows.update(used_at=now) == 1


def _digest(user: User, code: str) -> bytes:
    return crypto.blind_index(code, scope=f"recovery:{user.public_id}")


def begin_set_up(user: User, *, now: datetime) -> Authenticator:
    """The app that `user` is about to scan; the same one until it is confirmed."""
    waiting: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=False).first()
    return waiting or Authenticator.objects.create(
        user=user, name="验证器", confirmed=False, secret=secrets.token_hex(20), created_at=now
    )


def address_for_app(device: Authenticator) -> str:
    """What the QR code says (the key URI that every authenticator app reads)."""
    issuer = "大C赋能平台"
    words = urlencode(
        {"secret": b32encode(bytes.fromhex(device.secret)).decode(), "issuer": issuer}, quote_via=quote
    )
    return f"otpauth://totp/{quote(issuer)}:{quote(device.user.username)}?{words}"


def secret_for_hand(device: Authenticator) -> str:
    """The secret in groups of four, for typing it in."""
    text = b32encode(bytes.fromhex(device.secret)).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def confirm_set_up(user: User, code: str, *, now: datetime) -> tuple[Authenticator, list[str]]:
    """The app shows the right code: it counts from now on, in place of an older one.

    Gives the app and the recovery codes, which are shown this once. WrongCodeError, WaitError.
    """
    with transaction.atomic():
        device = Authenticator.objects.select_for_update().filter(user=user, confirmed=False).first()
        problem: Exception | None = None
        if device is None:
            problem = WrongCodeError()
        else:
            allowed, why = device.verify_is_allowed()
            if not allowed:
                problem = WaitError(why["locked_until"])
            elif not device.accepts("".join(code.split()), now=now):
                device.throttle_increment()
                problem = WrongCodeError()
            else:
                Authenticator.objects.filter(user=user, confirmed=True).delete()
                device.confirmed = True
                device.throttle_reset()
                note(user, AccountEvent.Kind.SECOND_STEP_ON, by=user, now=now)
                codes = make_recovery_codes(user, now=now)
    if problem is not None:
        raise problem
    assert device is not None
    return device, codes


@transaction.atomic
def make_recovery_codes(user: User, *, now: datetime, by: User | None = None) -> list[str]:
    """Ten new codes of 70 bits, `xxxx-xxxx-xxxx`; older ones end. Only keyed hashes are kept."""
    RecoveryCode.objects.filter(user=user).delete()
    texts = [share_code(12) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user, text), created_at=now) for text in texts
    )
    if by is not None:
        note(user, AccountEvent.Kind.CODES_MADE, by=by, now=now)
    return [f"{text[:4]}-{text[4:8]}-{text[8:]}" for text in texts]


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def reset_second_step(user: User, *, by: User, now: datetime) -> None:
    """Phone lost or changed: forget app and codes; whoever is signed in as `user` is out.

    OneselfError for one's own where HQ must take the step: it would be worth no more than the session.
    """
    if by.pk == user.pk and settings.HQ_SECOND_STEP_REQUIRED:
        raise OneselfError("自己的两步验证要由另一位管理员来清除。")
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    note(user, AccountEvent.Kind.SECOND_STEP_OFF, by=by, now=now)
    if by.pk != user.pk:
        sign_out_everywhere(user, now=now)
