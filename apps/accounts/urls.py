from django.urls import path

from apps.accounts import views

app_name = "accounts"
urlpatterns = [
    path("second-step/", views.second_step, name="second-step"),
    path("second-step/set-up/", views.set_up, name="second-step-set-up"),
    path("password/<str:token>/", views.choose_password, name="choose-password"),
]
