"""Callbacks accepted and stored, beside a bare view that only decrypts with the same crypto."""

import base64
import hashlib
import os
import struct
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from benchmarks import ground
from benchmarks.report import Verdict, median
from benchmarks.server import Client, server

EVENTS = 400
THREADS = 4
ROUNDS = 5


def run(folder: Path) -> list[Verdict]:
    """Events a second of each, in turns; every event is a new one."""
    ground.fresh()
    stored, bare = [], []
    with server() as port:
        _rate(port, "/bench/decrypt/", 50), _rate(port, "/wecom/callback/", 50)
        for _ in range(ROUNDS):
            bare.append(_rate(port, "/bench/decrypt/", EVENTS))
            stored.append(_rate(port, "/wecom/callback/", EVENTS))
    return [
        Verdict(
            "回调收下并存好，对只解密",
            median(stored) / median(bare),
            0.7,
            False,
            f"每秒 {median(stored):.0f} 条对 {median(bare):.0f} 条",
        )
    ]


def _rate(port: int, path: str, count: int) -> float:
    asked = [_sealed(path) for _ in range(count)]
    shares = [asked[start::THREADS] for start in range(THREADS)]
    failures: list[Exception] = []

    def send(share: list[tuple[str, bytes]]) -> None:
        client = Client(port, {"Content-Type": "text/xml"})
        try:
            for address, body in share:
                client.ask("POST", address, body)
        except Exception as error:  # noqa: BLE001 - told to the main thread
            failures.append(error)

    threads = [threading.Thread(target=send, args=(share,)) for share in shares]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if failures:
        raise failures[0]
    return count / took


def _sealed(path: str) -> tuple[str, bytes]:
    """One customer event as WeCom posts it (protocol: developer.work.weixin.qq.com document 90968)."""
    from django.conf import settings

    corp = settings.WECOM_CORP_ID
    text = (
        f"<xml><ToUserName><![CDATA[{corp}]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[event]]></MsgType>"
        "<Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[edit_external_contact]]></ChangeType>"
        f"<UserID><![CDATA[bench]]></UserID><ExternalUserID><![CDATA[wm{os.urandom(15).hex()}]]></ExternalUserID></xml>"
    ).encode()
    key = base64.b64decode(settings.WECOM_CALLBACK_AES_KEY + "=")
    raw = os.urandom(16) + struct.pack(">I", len(text)) + text + corp.encode()
    pad = 32 - len(raw) % 32
    sealer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    cipher = base64.b64encode(sealer.update(raw + bytes([pad]) * pad) + sealer.finalize()).decode()
    stamp, nonce = str(int(time.time())), os.urandom(6).hex()
    signature = hashlib.sha1(  # noqa: S324 - the protocol asks for it
        "".join(sorted([settings.WECOM_CALLBACK_TOKEN, stamp, nonce, cipher])).encode()
    ).hexdigest()
    query = urlencode({"msg_signature": signature, "timestamp": stamp, "nonce": nonce})
    body = f"<xml><ToUserName><![CDATA[{corp}]]></ToUserName><Encrypt><![CDATA[{cipher}]]></Encrypt></xml>"
    return f"{path}?{query}", body.encode()
