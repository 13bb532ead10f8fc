"""Where lists send to. Registered with the console's addresses as `lists`."""

from django.urls import path

from apps.console_kit.lists import views

app_name = "lists"
urlpatterns = [
    path("<slug:key>/columns/", views.columns, name="columns"),
    path("<slug:key>/look/", views.look, name="look"),
    path("<slug:key>/views/", views.save_view, name="save-view"),
    path("<slug:key>/views/<uuid:public_id>/", views.change_view, name="change-view"),
    path("<slug:key>/do/<slug:act>/", views.do, name="do"),
    path("<slug:key>/runs/<uuid:public_id>/", views.run, name="run"),
    path("<slug:key>/export/", views.export, name="export"),
]
