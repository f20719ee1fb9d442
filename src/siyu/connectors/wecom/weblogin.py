"""Where people are sent to log in with WeCom; they come back to `redirect_uri` with `code` and `state`."""

from urllib.parse import urlencode

from siyu.connectors.wecom.model import Credentials

OAUTH_URL = "https://open.weixin.qq.com"
QR_URL = "https://login.work.weixin.qq.com"


def silent_login_url(credentials: Credentials, *, redirect_uri: str, state: str, private: bool = False, base_url: str = OAUTH_URL) -> str:
    """For pages inside the WeCom client (or WeChat): nothing is asked. `private` asks for a ticket to the person's details.

    `state`: letters and digits, ≤ 128. The host of `redirect_uri` must be a trusted domain of the app (50001).
    """
    query = {
        "appid": credentials.corp_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": "snsapi_privateinfo" if private else "snsapi_base",
        "state": state,
        "agentid": credentials.agent_id,
    }
    return f"{base_url}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"


def qr_login_url(credentials: Credentials, *, redirect_uri: str, state: str, base_url: str = QR_URL) -> str:
    """For a browser: a QR code that a member scans with the WeCom client."""
    query = {
        "login_type": "CorpApp",
        "appid": credentials.corp_id,
        "agentid": credentials.agent_id,
        "redirect_uri": redirect_uri,
        "state": state,
    }
    return f"{base_url}/wwlogin/sso/login?{urlencode(query)}"
