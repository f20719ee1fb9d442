"""「联系我」: codes and buttons by which customers add members."""

from dataclasses import dataclass
from typing import Any

from siyu.connectors.wecom.model.reading import Json, texts

PERSON, SEVERAL = 1, 2
BUTTON, CODE = 1, 2


@dataclass(frozen=True)
class ContactWay:
    """What a code does. `state` ≤ 30 characters comes back with whoever adds a member by it; `remark` ≤ 30.

    One userid and no department make it a code of one person, anything else one of several (at most 100 members, departments expanded).
    `scene`: 1 mini-program button, 2 QR code. `exclusive`: a customer can add only one of its members.
    """

    userids: tuple[str, ...] = ()
    department_ids: tuple[int, ...] = ()
    state: str = ""
    remark: str = ""
    skip_verify: bool = True
    exclusive: bool = False
    scene: int = CODE
    style: int | None = None

    @property
    def type(self) -> int:
        return PERSON if len(self.userids) == 1 and not self.department_ids else SEVERAL

    def body(self) -> dict[str, Any]:
        """As an update: `type` and `scene` cannot change."""
        body: dict[str, Any] = {"remark": self.remark, "skip_verify": self.skip_verify, "state": self.state, "user": list(self.userids)}
        if self.department_ids:
            body["party"] = list(self.department_ids)
        return body | ({"style": self.style} if self.style is not None else {})

    def new_body(self) -> dict[str, Any]:
        return {"type": self.type, "scene": self.scene, "is_exclusive": self.exclusive, **self.body()}

    @classmethod
    def read(cls, row: Json) -> "ContactWay":
        return cls(
            userids=texts(row.get("user")),
            department_ids=tuple(int(id) for id in row.get("party") or ()),
            state=str(row.get("state") or ""),
            remark=str(row.get("remark") or ""),
            skip_verify=bool(row.get("skip_verify", True)),
            exclusive=bool(row.get("is_exclusive")),
            scene=int(row.get("scene") or CODE),
            style=int(row["style"]) if row.get("style") else None,
        )


@dataclass(frozen=True)
class MadeContactWay:
    """A way as the platform keeps it. `qr_code`: address of the picture, which stays the same when the way is changed; empty for buttons."""

    config_id: str
    qr_code: str
    way: ContactWay

    @classmethod
    def read(cls, row: Json) -> "MadeContactWay":
        return cls(str(row["config_id"]), str(row.get("qr_code") or ""), ContactWay.read(row))
