"""One-time notes on the next page, in a cookie of our own name: the product keeps its own on the same host."""

from django.contrib.messages.storage.cookie import CookieStorage


class SandboxCookieStorage(CookieStorage):
    cookie_name = "sandbox_messages"
