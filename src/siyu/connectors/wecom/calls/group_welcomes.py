"""入群欢迎语: a library of first words, used by owners of groups in their clients."""

from siyu.connectors.wecom.errors import OutcomeUnknown
from siyu.connectors.wecom.model import GroupWelcome
from siyu.connectors.wecom.transport import Transport


class GroupWelcomes(Transport):
    """At most 100 in a corp (41055); only the app that made one may change it (41058)."""

    def add_group_welcome(self, welcome: GroupWelcome, *, notify: bool = True) -> str:
        """Make one; its template_id. A creating call. `notify` tells members to use it."""
        path = "externalcontact/group_welcome_template/add"
        answer = self._call("POST", path, {**welcome.body(), "notify": int(notify)}, kind="create")
        if not answer.get("template_id"):
            raise OutcomeUnknown(path, "success without template_id")
        return str(answer["template_id"])

    def group_welcome(self, template_id: str) -> GroupWelcome:
        return GroupWelcome.read(self._call("POST", "externalcontact/group_welcome_template/get", {"template_id": template_id}))

    def update_group_welcome(self, template_id: str, welcome: GroupWelcome) -> None:
        """Replace all of it."""
        self._call("POST", "externalcontact/group_welcome_template/edit", {"template_id": template_id, **welcome.body()}, kind="write")

    def delete_group_welcome(self, template_id: str) -> None:
        self._call("POST", "externalcontact/group_welcome_template/del", {"template_id": template_id}, kind="write")
