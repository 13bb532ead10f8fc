"""What a person is told when she is asked whether she wants offers."""

MARKETING = (
    "你同意以后，向你推荐商品的人会在有新品、优惠和节日活动时联系你，用你留下的手机号或微信。"
    "不同意也不影响下单和咨询；同意了以后，随时点一下「收回」就不再联系。"
)
