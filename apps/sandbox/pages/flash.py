"""One-time notes for the next page, in a cookie of our own name: the product has one on the same host."""

from django.contrib.messages.storage.cookie import CookieStorage


class SandboxCookieStorage(CookieStorage):
    cookie_name = "sandbox_messages"
