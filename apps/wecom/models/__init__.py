"""What the gateway must remember, and what hosts had it prepare for their customers."""

from apps.wecom.mass.models import MassSend, MassSendRecipient
from apps.wecom.models.gateway import AccessToken, Breaker, LoginState

__all__ = ["AccessToken", "Breaker", "LoginState", "MassSend", "MassSendRecipient"]
