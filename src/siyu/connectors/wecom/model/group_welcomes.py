"""入群欢迎语: first words that members may use in their groups."""

from dataclasses import dataclass
from typing import Any

from siyu.connectors.wecom.model.attachments import Attachment, read_attachment
from siyu.connectors.wecom.model.reading import Json

_KINDS = ("image", "link", "miniprogram", "file", "video")


@dataclass(frozen=True)
class GroupWelcome:
    """`text` ≤ 3000 bytes, `%NICKNAME%` stands for who came in; at most one attachment; not both empty."""

    text: str = ""
    attachment: Attachment | None = None

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {"text": {"content": self.text}} if self.text else {}
        if self.attachment is not None:
            given = self.attachment.body()
            body |= {name: part for name, part in given.items() if name != "msgtype"}
        return body

    @classmethod
    def read(cls, row: Json) -> "GroupWelcome":
        kind = next((kind for kind in _KINDS if row.get(kind)), None)
        attachment = read_attachment({"msgtype": kind, kind: row[kind]}) if kind else None
        return cls(str((row.get("text") or {}).get("content") or ""), attachment)
