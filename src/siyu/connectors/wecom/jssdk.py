"""The signature with which a page may use WeCom's JS-SDK; computed on the server only."""

import hashlib


def js_signature(ticket: str, *, nonce: str, timestamp: int, url: str) -> str:
    """SHA-1 in lower-case hex over ticket, nonce, unix seconds and the page's whole address, `#…` aside; nothing is URL-encoded.

    `wx.config` wants the corp's ticket, `wx.agentConfig` the app's; the page must name the same nonce and timestamp.
    """
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
