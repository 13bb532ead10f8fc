"""Sign-in for the API, and who I am."""

from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from apps.accounts import access, services
from apps.accounts.authentication import BearerAuthentication
from apps.accounts.permissions import user_of


class SignInInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150, label="登录名")
    password = serializers.CharField(max_length=128, label="密码", trim_whitespace=False)


class TokenOutput(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class ErrorOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


class TokenView(APIView):
    """Exchange name and password for a bearer token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ScopedRateThrottle,)
    throttle_scope = "sign-in"

    @extend_schema(
        operation_id="sign_in", request=SignInInput, responses={200: TokenOutput, 401: ErrorOutput}
    )
    def post(self, request: Request) -> Response:
        form = SignInInput(data=request.data)
        form.is_valid(raise_exception=True)
        now = timezone.now()
        # Answered, not raised: an exception would roll back the count of wrong passwords.
        try:
            user = services.check_password(request._request, now=now, **form.validated_data)
        except services.WrongCredentialsError:
            return _refused("登录名或密码不对，请检查后再试。")
        except services.LockedOutError:
            return _refused("输错次数太多，账号已锁定 15 分钟，请稍后再试。")
        text, token = services.issue_token(user, now=now)
        return Response(TokenOutput({"token": text, "expires_at": token.expires_at}).data)

    @extend_schema(operation_id="sign_out", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke the token that the request carries."""
        signed_in = BearerAuthentication().authenticate(request)
        if signed_in is not None:
            services.revoke_token(signed_in[1], now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _refused(message: str) -> Response:
    return Response(
        {"code": "not_authenticated", "message": message, "fields": {}},
        status=status.HTTP_401_UNAUTHORIZED,
        headers={"WWW-Authenticate": "Bearer"},
    )


class HostBrief(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()
    kind = serializers.CharField()
    level = serializers.IntegerField()
    organisation = serializers.CharField(source="organisation.name")


class MeOutput(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    host = HostBrief(allow_null=True)


class MeView(APIView):
    """The signed-in person."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="me", responses=MeOutput)
    def get(self, request: Request) -> Response:
        user = user_of(request)
        return Response(
            MeOutput(
                {
                    "id": user.public_id,
                    "name": user.name,
                    "roles": sorted(access.role_names(user)),
                    "host": getattr(request._request, "host", None),
                }
            ).data
        )


urlpatterns = [
    path("auth/token/", TokenView.as_view(), name="token"),
    path("me/", MeView.as_view(), name="me"),
]
