from django.urls import path

from apps.media import views

app_name = "media"
urlpatterns = [path("<path:path>", views.public_file, name="public-file")]
