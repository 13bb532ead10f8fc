from django.urls import path

from apps.storefront.views import orders, pages, stories

app_name = "storefront"
urlpatterns = [
    path("s/<str:code>/", pages.link, name="link"),
    path("s/<str:code>/read/", pages.read, name="read"),
    path("s/<str:code>/shelf/", pages.shelf, name="shelf"),
    path("s/<str:code>/p/<str:public_id>/", pages.product, name="product"),
    path("s/<str:code>/order/", orders.order, name="order"),
    path("o/<str:token>/", orders.state, name="order-state"),
    path("u/<str:token>/", stories.story, name="story"),
    path("u/<str:token>/pictures/<uuid:public_id>/", stories.picture, name="story-picture"),
]
