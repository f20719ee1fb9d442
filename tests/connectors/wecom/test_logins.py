"""Logging in with WeCom over HTTP: the page, the code, who it stands for; tickets and signatures for pages."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from siyu.connectors.wecom import Credentials, WeCom, js_signature, qr_login_url, silent_login_url
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.asking import a_code
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.test_group_chats import code_of

BACK = "https://siyu.example/in?next=%2Ftoday"


def landed(place: Place, url: str, **who: str) -> dict[str, str]:
    """What the brand's own page is called with."""
    answer = place.raw.get(url, params={**dict(parse_qsl(urlsplit(url).query)), **who})
    assert answer.status_code == 302, answer.text
    target = urlsplit(answer.headers["location"])
    assert (target.scheme, target.netloc, target.path) == ("https", "siyu.example", "/in")
    return dict(parse_qsl(target.query))


class TestPage:
    def test_a_tester_picks_a_member_and_comes_back_with_code_and_state(self, still: Place) -> None:
        member = still.busiest()
        for url in (
            qr_login_url(still.client.credentials, redirect_uri=BACK, state="abc123", base_url=still.address.url),
            silent_login_url(still.client.credentials, redirect_uri=BACK, state="abc123", base_url=still.address.url),
        ):
            page = still.raw.get(url)
            assert page.status_code == 200 and f"userid={member}" in page.text and "owner" in page.text
            back = landed(still, url, userid=member)
            assert (back["state"], back["next"]) == ("abc123", "/today")
            assert still.client.visitor(back["code"]).userid == member

    @pytest.mark.parametrize("status", [2, 4])
    def test_who_is_disabled_or_not_activated_is_not_offered(self, build: Build, status: int) -> None:
        place = build()
        member = place.busiest()
        place.post("members", userid=member, status=status)
        query: dict[str, Any] = {"appid": place.address.corp_id, "agentid": place.address.agent_id, "redirect_uri": BACK, "state": "x"}
        for path in ("/wwlogin/sso/login", "/connect/oauth2/authorize"):
            page = place.raw.get(path, params=query)
            assert page.status_code == 200 and "userid=owner" in page.text and f"userid={member}" not in page.text
            refused = place.raw.get(path, params=query | {"userid": member})
            assert (refused.status_code, refused.headers["error-code"]) == (400, "60111")
        place.post("members", userid=member, status=1)
        assert f"userid={member}" in place.raw.get("/wwlogin/sso/login", params=query).text

    def test_the_older_address_is_taken_too(self, still: Place) -> None:
        query: dict[str, Any] = {"appid": still.address.corp_id, "agentid": still.address.agent_id, "redirect_uri": BACK, "state": "x", "userid": "owner"}
        assert still.raw.get("/wwopen/sso/qrConnect", params=query).status_code == 302

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"appid": "ww0"}, 40013),
            ({"agentid": "7"}, 40056),
            ({"agentid": "", "scope": "snsapi_privateinfo"}, 40056),
            ({"redirect_uri": "javascript:alert(1)"}, 50001),
            ({"redirect_uri": "https://evil.example/in"}, 50001),
            ({"state": "a b"}, 84025),
            ({"state": "a" * 129}, 84025),
            ({"scope": "all"}, 40058),
            ({"userid": "nobody"}, 60111),
            ({"userid": "", "external_userid": "wmNobody"}, 40096),
        ],
    )
    def test_what_cannot_be_is_told_on_the_page(self, build: Build, change: dict[str, str], code: int) -> None:
        place = build(apps=(AppSettings(1000002, "a" * 43, trusted_domains=("siyu.example",)),))
        query: dict[str, Any] = {"appid": place.address.corp_id, "agentid": "1000002", "redirect_uri": BACK, "state": "x", "userid": "owner"}
        assert place.raw.get("/connect/oauth2/authorize", params=query).status_code == 302
        page = place.raw.get("/connect/oauth2/authorize", params=query | change)
        assert (page.status_code, page.headers["error-code"]) == (400, str(code))


class TestCode:
    def test_a_code_serves_once_for_five_minutes_and_for_its_app(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43)))
        code = a_code(place)
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as another:
            assert code_of(another.visitor, code) == 40029
        assert place.client.visitor(code).userid == place.busiest()
        assert code_of(place.client.visitor, code) == 42022
        assert code_of(place.client.visitor, "made-up") == 40029
        late = a_code(place)
        ahead = place.sandbox.clock.machine() + 301
        place.sandbox.clock.machine = lambda: ahead
        assert code_of(place.client.visitor, late) == 42003

    def test_details_come_by_a_ticket_of_the_private_scope(self, build: Build) -> None:
        place = build()
        assert place.client.visitor(a_code(place)).user_ticket == ""
        ticket = place.client.visitor(a_code(place, private=True)).user_ticket
        detail = place.client.member_detail(ticket)
        assert detail.userid == place.busiest() and detail.gender in (1, 2) and len(detail.mobile) == 11 and "@" in detail.email
        assert detail.mobile not in repr(detail)
        assert code_of(place.client.member_detail, "made-up") == 84015
        ahead = place.sandbox.clock.machine() + 1801
        place.sandbox.clock.machine = lambda: ahead
        assert code_of(place.client.member_detail, ticket) == 84014

    def test_people_outside_are_known_by_openid_and_customers_by_their_id(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43, visible_departments=(900,))))
        customer = place.customers_of(place.busiest())[0]
        seen = place.client.visitor(a_code(place, external_userid=customer))
        assert (seen.userid, seen.external_userid, seen.openid) == ("", customer, place.client.openid_of(customer))
        query: dict[str, Any] = {"appid": place.address.corp_id, "agentid": 2, "redirect_uri": BACK, "external_userid": customer}
        code = dict(parse_qsl(urlsplit(place.raw.get("/connect/oauth2/authorize", params=query).headers["location"]).query))["code"]
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as apart:
            stranger = apart.visitor(code)
        assert (stranger.external_userid, stranger.openid) == ("", seen.openid)

    def test_the_retired_path_answers_in_its_own_spelling(self, still: Place) -> None:
        answer = still.call("GET", "user/getuserinfo", query={"code": a_code(still)})
        assert (answer["UserId"], answer["DeviceId"]) == (still.busiest(), "")


class TestTickets:
    def test_the_signature_is_that_of_the_published_example(self) -> None:
        ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg"
        for url in ("http://mp.weixin.qq.com?params=value", "http://mp.weixin.qq.com?params=value#part"):
            signed = js_signature(ticket, nonce="Wm3WZYTPz0wzccnW", timestamp=1414587457, url=url)
            assert signed == "0f9de62fce790f9a083d5c99e95740ceb90c27ed"

    def test_tickets_are_asked_for_once_and_differ_between_corp_and_app(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43)), limits=Limits(tickets_per_app_hour=1))
        client = place.client
        assert client.js_ticket() == client.js_ticket() != client.agent_ticket() == client.agent_ticket()
        assert place.call("GET", "get_jsapi_ticket")["errcode"] == 45009
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), client._settings) as another:
            assert another.js_ticket() == client.js_ticket() and another.agent_ticket() != client.agent_ticket()

    def test_only_the_known_kind_is_given(self, still: Place) -> None:
        assert still.call("GET", "ticket/get", query={"type": "wx_card"})["errcode"] == 91040
