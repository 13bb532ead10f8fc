"""Plays WeCom (企业微信) on a laptop: its API, callbacks, login pages, and the phones on the other side."""
