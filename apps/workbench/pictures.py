"""The pictures of the phone's pages: at which size, and which of them stands for a thing."""

from apps.catalog.pictures import with_product_picture_id
from apps.library.pictures import with_picture_id
from apps.media.pictures import CARD, LARGE, THUMB, Picture, sized

__all__ = ["CARD", "LARGE", "THUMB", "Picture", "sized", "with_picture_id", "with_product_picture_id"]
