from django.urls import URLPattern, path

from apps.wecom import views

app_name = "wecom"

urlpatterns: list[URLPattern] = [
    path("callback/", views.callback, name="callback"),
    path("sign/", views.sign, name="sign"),
    path("login/", views.login, name="login"),
    path("login/qr/", views.login_by_qr, name="login-qr"),
    path("login/callback/", views.login_callback, name="login-callback"),
]
