"""Sign-in for the API, and who I am."""

from datetime import datetime
from typing import Any

from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from apps.accounts import access, services
from apps.accounts.authentication import BearerAuthentication
from apps.accounts.permissions import user_of
from apps.accounts.services import second_step


class SignInInput(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150, label="登录名")
    password = serializers.CharField(max_length=128, label="密码", trim_whitespace=False)
    code = serializers.CharField(
        max_length=20,
        label="验证码",
        required=False,
        help_text="开通了两步验证的账号要带上：验证器里的 6 位数字，或一个备用码。",
    )


class TokenOutput(serializers.Serializer[Any]):
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()
    carries_roles = serializers.BooleanField(
        help_text="是否带总部角色的权限：要两步验证的账号，验证过才带。",
    )


class ErrorOutput(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


class SignInThrottle(BaseThrottle):
    """So many sign-ins a minute from one address, over all processes."""

    def allow_request(self, request: Request, view: Any) -> bool:
        self.seconds = services.wait_at_sign_in(request._request, now=timezone.now())
        return not self.seconds

    def wait(self) -> float:
        return self.seconds


class TokenView(APIView):
    """Exchange name and password for a bearer token."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (SignInThrottle,)

    @extend_schema(
        operation_id="sign_in", request=SignInInput, responses={200: TokenOutput, 401: ErrorOutput}
    )
    def post(self, request: Request) -> Response:
        form = SignInInput(data=request.data)
        form.is_valid(raise_exception=True)
        now = timezone.now()
        code = form.validated_data.pop("code", "")
        # Answered, not raised: an exception would roll back the count of wrong passwords.
        try:
            user = services.check_password(request._request, now=now, **form.validated_data)
            is_verified = access.second_step_due(user)
            if is_verified:
                second_step.check_code(user, code, now=now)
        except services.WrongCredentialsError:
            return _refused("登录名或密码不对，请检查后再试。")
        except services.LockedOutError as error:
            times, at = services.MAX_FAILURES, _clock(error.until)
            return _refused(f"密码连续错了 {times} 次，先锁上了，{at} 以后再试。")
        except second_step.WrongCodeError:
            return _refused("这个账号要两步验证：请带上 code（验证器里的 6 位数字，每个只能用一次）。")
        except second_step.WaitError as error:
            return _refused(f"验证码错了太多次，{_clock(error.until)} 以后再试。")
        text, token = services.issue_token(user, now=now, is_verified=is_verified)
        given = {
            "token": text,
            "expires_at": token.expires_at,
            "carries_roles": access.carries_roles(token),
        }
        return Response(TokenOutput(given).data)

    @extend_schema(operation_id="sign_out", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke the token that the request carries."""
        signed_in = BearerAuthentication().authenticate(request)
        if signed_in is not None:
            services.revoke_token(signed_in[1], now=timezone.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}"


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
