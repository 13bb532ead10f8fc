"""What HQ types about orders."""

from typing import Any, ClassVar

from django import forms

from apps.lib.forms import WholeNumberField
from apps.trade.models import OrderRules


class RulesForm(forms.ModelForm[OrderRules]):
    """The rules for all orders, with what each means."""

    class Meta:
        model = OrderRules
        widgets: ClassVar = {name: forms.Textarea(attrs={"rows": 3}) for name in OrderRules.WORDS}
        fields = (*OrderRules.figures(), *OrderRules.WORDS)
        help_texts: ClassVar = {
            "many_pieces": "等点头的单先不占库存，大C确认后才占。",
            "many_new": "同一个社群的人常常在同一个网络里，别设得太小。",
            "held_by_browser": "超过的单也先不占库存，等大C点头。大C以前确认过单的手机不受这一条限制。",
            "held_by_address": "不分是谁分享的链接，全部合起来算。同一个社群的人常常在同一个网络里。",
            "held_percent": "1 到 100。留一点货给大C认得的客户，免得被没人要的单占光。",
            "delivery": (
                "写在每件商品的页面上，300 字以内：发到哪里、多久发货、运费怎么算。不写就说由大C和她确认。"
            ),
            "returns": (
                "写在每件商品的页面上，300 字以内：几天内能退、哪些不能退、找谁退。不写就说直接找大C。"
            ),
            "release_hours": (
                "1 到 720 小时。已经在等的单照它下单时的规则，已确认、已收款的单不会自动取消。"
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in OrderRules.figures():
            most = OrderRules.MOST.get(name, 1_000_000)
            self.fields[name] = WholeNumberField(
                label=self.fields[name].label,
                min_value=1,
                max_value=most,
                help_text=self.fields[name].help_text,
            )
