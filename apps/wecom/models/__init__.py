"""What the gateway must remember, and what hosts had it prepare for their customers."""

from apps.wecom.models.gateway import AccessToken, Breaker, LoginState
from apps.wecom.models.mass import MassSend, MassSendRecipient

__all__ = ["AccessToken", "Breaker", "LoginState", "MassSend", "MassSendRecipient"]
