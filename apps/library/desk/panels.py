"""The form of a material, in the order in which it is thought of."""

from typing import Any

from django import forms
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    PublishingPanel,
)

MATERIAL: list[Any] = [
    MultiFieldPanel(
        [
            FieldRowPanel([FieldPanel("kind"), FieldPanel("occasion"), FieldPanel("stage")]),
            FieldPanel("scene", classname="for-kind for-kind--script"),
        ],
        heading="是什么、什么时候用",
    ),
    FieldPanel("festivals", widget=forms.CheckboxSelectMultiple, classname="collapsed"),
    MultiFieldPanel(
        [
            FieldPanel("title"),
            FieldPanel("summary"),
            FieldPanel("share_text"),
            InlinePanel(
                "texts",
                [FieldPanel("label"), FieldPanel("text")],
                label="说法",
                heading="另几种说法（大C可以选）",
                max_num=5,
            ),
        ],
        heading="怎么说",
    ),
    MultiFieldPanel(
        [
            FieldPanel("product"),
            FieldPanel("video", classname="for-kind for-kind--video"),
            FieldPanel("channels_url", classname="for-kind for-kind--video"),
            FieldRowPanel([FieldPanel("cover"), FieldPanel("poster_template")]),
        ],
        heading="商品、封面和海报",
    ),
    InlinePanel(
        "pictures",
        [FieldPanel("image"), FieldPanel("caption")],
        label="图片",
        heading="图片（最多 9 张）",
        max_num=9,
        classname="for-kind for-kind--pictures for-kind--new_product",
    ),
    FieldPanel("body", classname="for-kind for-kind--article for-kind--new_product for-kind--script"),
    HelpPanel(template="desk/_checks_panel.html", heading="提交前检查"),
    PublishingPanel(),
]
