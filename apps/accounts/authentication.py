"""`Authorization: Bearer …` for the API."""

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.accounts import access, services
from apps.accounts.database_role import enter_as
from apps.accounts.models import ApiToken, User


class BearerAuthentication(BaseAuthentication):
    """A valid token signs its user in; the host, if she is one, is put on the request."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).decode("latin-1").split()
        if not parts or parts[0].lower() != "bearer":
            return None
        token = services.find_token(parts[1], now=timezone.now()) if len(parts) == 2 else None
        if token is None:
            raise AuthenticationFailed("令牌无效或已过期，请重新登录。")
        # As django-otp's middleware marks a session's user: the token stands for the steps of its making.
        setattr(token.user, "is_verified", lambda: token.is_verified)  # noqa: B010 - not a model's field
        host = access.host_of(token.user)
        request._request.host = host  # type: ignore[attr-defined]
        enter_as(request._request, token.user, host)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class BearerScheme(OpenApiAuthenticationExtension):
    """How the schema describes the token."""

    target_class = "apps.accounts.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
