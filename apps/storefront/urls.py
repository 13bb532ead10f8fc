from django.urls import path

from apps.storefront.views import agreeing, basket, my_data, order_state, orders, pages, stories

app_name = "storefront"
urlpatterns = [
    path("s/<str:code>/", pages.link, name="link"),
    path("s/<str:code>/read/", pages.read, name="read"),
    path("s/<str:code>/shelf/", pages.shelf, name="shelf"),
    path("s/<str:code>/p/<str:public_id>/", pages.product, name="product"),
    path("s/<str:code>/order/", orders.order, name="order"),
    path("s/<str:code>/orders/", order_state.mine, name="my-orders"),
    path("s/<str:code>/basket/", basket.basket, name="basket"),
    path("s/<str:code>/basket/order/", orders.order_basket, name="basket-order"),
    path("o/<str:token>/", order_state.state, name="order-state"),
    path("o/<str:token>/consents/<uuid:public_id>/", order_state.withdraw, name="order-withdraw"),
    path("agree/<str:token>/", agreeing.agree, name="agree"),
    path("u/<str:token>/", stories.story, name="story"),
    path("u/<str:token>/pictures/<uuid:public_id>/", stories.picture, name="story-picture"),
    path("my-data/", my_data.start, name="my-data"),
    path("my-data/<str:token>/", my_data.page, name="my-data-page"),
    path("my-data/<str:token>/file/", my_data.file, name="my-data-file"),
    path("my-data/<str:token>/copy/", my_data.read, name="my-data-copy"),
    path("my-data/<str:token>/consents/<uuid:public_id>/", my_data.withdraw, name="my-data-withdraw"),
    path("my-data/<str:token>/consents/<uuid:public_id>/confirm/", my_data.confirm, name="my-data-confirm"),
]
