from django.urls import path

from apps.workbench.views import materials, offers, session

app_name = "workbench"
urlpatterns = [
    path("login/", session.sign_in, name="sign-in"),
    path("logout/", session.sign_out, name="sign-out"),
    path("materials/", materials.library, name="materials"),
    path("materials/<uuid:public_id>/", materials.material, name="material"),
    path("materials/<uuid:public_id>/share/", materials.share, name="material-share"),
    path("materials/<uuid:public_id>/acts/", materials.act, name="material-act"),
    path("materials/<uuid:public_id>/pictures/", materials.all_pictures, name="material-pictures"),
    path("offers/", offers.offers, name="offers"),
    path("offers/<uuid:public_id>/", offers.product, name="product"),
    path("offers/<uuid:public_id>/shelf/", offers.shelve, name="shelve"),
    path("offers/<uuid:public_id>/share/", offers.share_product, name="product-share"),
    path("shelf/", offers.shelf, name="shelf"),
    path("shelf/share/", offers.share_shelf, name="shelf-share"),
    path("shelf/<uuid:public_id>/", offers.edit_item, name="shelf-item"),
    path("shelf/<uuid:public_id>/move/", offers.move_item, name="shelf-move"),
    path("shelf/<uuid:public_id>/remove/", offers.remove_item, name="shelf-remove"),
]
