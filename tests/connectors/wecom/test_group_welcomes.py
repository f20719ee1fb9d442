"""入群欢迎语 over HTTP."""

from siyu.connectors.wecom import Credentials, GroupWelcome, ImageAttachment, LinkAttachment, WeCom
from siyu.connectors.wecom.sandbox.settings import AppSettings, Limits
from tests.connectors.wecom.asking import a_picture
from tests.connectors.wecom.conftest import Build, Place
from tests.connectors.wecom.test_group_chats import code_of

LINK = LinkAttachment("新品", "https://brand.example/new", "看看", "https://brand.example/new.png")


class TestTemplates:
    def test_one_round_trips_and_is_replaced_as_a_whole(self, still: Place) -> None:
        client = still.client
        id = client.add_group_welcome(GroupWelcome("欢迎 %NICKNAME%", LINK))
        assert client.group_welcome(id) == GroupWelcome("欢迎 %NICKNAME%", LINK)
        client.update_group_welcome(id, GroupWelcome("你好"))
        assert client.group_welcome(id) == GroupWelcome("你好")
        client.update_group_welcome(id, GroupWelcome("", ImageAttachment(a_picture(still))))
        kept = client.group_welcome(id).attachment
        assert isinstance(kept, ImageAttachment) and kept.picture_url.startswith("https://")
        client.delete_group_welcome(id)
        assert code_of(client.group_welcome, id) == code_of(client.delete_group_welcome, id) == 40058

    def test_what_cannot_be_is_refused(self, still: Place) -> None:
        client = still.client
        assert code_of(client.add_group_welcome, GroupWelcome()) == 40058
        assert code_of(client.add_group_welcome, GroupWelcome("好" * 1001)) == 40058
        assert code_of(client.add_group_welcome, GroupWelcome("", ImageAttachment("made-up"))) == 40007
        both = {"link": LINK.body()["link"], "video": {"media_id": "m"}}
        assert still.call("POST", "externalcontact/group_welcome_template/add", body=both)["errcode"] == 40058

    def test_a_corp_has_so_many_and_only_their_app_changes_them(self, build: Build) -> None:
        place = build(apps=(AppSettings(1, "a" * 43), AppSettings(2, "b" * 43)), limits=Limits(group_welcomes=1))
        id = place.client.add_group_welcome(GroupWelcome("欢迎"))
        assert code_of(place.client.add_group_welcome, GroupWelcome("欢迎")) == 41055
        with WeCom(Credentials(place.address.corp_id, "b" * 43, 2), place.client._settings) as another:
            assert code_of(another.update_group_welcome, id, GroupWelcome("换")) == code_of(another.delete_group_welcome, id) == 41058
