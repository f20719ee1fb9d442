"""What the typed calls take and give. Unknown fields of an answer are ignored, unknown codes and numbers kept."""

from siyu.connectors.wecom.model.acquisition import (
    AcquiredCustomer,
    AcquisitionChat,
    AcquisitionLink,
    AcquisitionQuota,
    AcquisitionUse,
    MadeAcquisitionLink,
)
from siyu.connectors.wecom.model.app_messages import AppMessage, SentMessage, TextCard
from siyu.connectors.wecom.model.apps import App
from siyu.connectors.wecom.model.attachments import (
    Attachment,
    ImageAttachment,
    LinkAttachment,
    MediaAttachment,
    MiniProgramAttachment,
    OtherAttachment,
    read_attachment,
)
from siyu.connectors.wecom.model.cards import ButtonCard, CardButton, CardQuestion, FormCard, NoticeCard, TemplateCard, VoteCard
from siyu.connectors.wecom.model.contact_ways import ContactWay, MadeContactWay
from siyu.connectors.wecom.model.credentials import Credentials
from siyu.connectors.wecom.model.customer_service import (
    ServiceAccount,
    ServiceCustomer,
    ServiceMessage,
    Servicer,
    ServiceReply,
    ServicerResult,
    ServiceState,
)
from siyu.connectors.wecom.model.customers import Contact, ContactDetail, ExternalContact, Follow, FollowTag, Remark
from siyu.connectors.wecom.model.group_chats import GroupChat, GroupMember, JoinWay, ListedGroup, MadeJoinWay
from siyu.connectors.wecom.model.group_sends import ChatTemplate, CreatedSend, GroupSend, MsgTemplate, SendResult, SendTask
from siyu.connectors.wecom.model.group_welcomes import GroupWelcome
from siyu.connectors.wecom.model.handovers import FailedGroup, HandoverResult, StartedHandover, UnassignedCustomer
from siyu.connectors.wecom.model.identities import FoundIdentity
from siyu.connectors.wecom.model.intercept_rules import InterceptRule, ListedRule
from siyu.connectors.wecom.model.logins import MemberDetail, Visitor
from siyu.connectors.wecom.model.media import MediaFile, MediaKind, Upload, UploadedMedia, UploadJob
from siyu.connectors.wecom.model.moments import Moment, MomentAttachment, MomentJob, MomentLink, MomentReaction, MomentReactions, MomentTask, NewMoment
from siyu.connectors.wecom.model.organisation import Department, ListedMember, Member, Membership
from siyu.connectors.wecom.model.payments import Bill, BillRefund, Merchant, Movement
from siyu.connectors.wecom.model.products import AlbumProduct, Product
from siyu.connectors.wecom.model.reading import Json
from siyu.connectors.wecom.model.statistics import Behaviour, DayFigures, GroupFigures, OwnerFigures
from siyu.connectors.wecom.model.tags import CorpTag, CorpTagGroup, NewTag

__all__ = [
    "AcquiredCustomer",
    "AcquisitionChat",
    "AcquisitionLink",
    "AcquisitionQuota",
    "AcquisitionUse",
    "AlbumProduct",
    "App",
    "AppMessage",
    "Attachment",
    "Behaviour",
    "Bill",
    "BillRefund",
    "ButtonCard",
    "CardButton",
    "CardQuestion",
    "ChatTemplate",
    "Contact",
    "ContactDetail",
    "ContactWay",
    "CorpTag",
    "CorpTagGroup",
    "CreatedSend",
    "Credentials",
    "DayFigures",
    "Department",
    "ExternalContact",
    "FailedGroup",
    "Follow",
    "FollowTag",
    "FormCard",
    "FoundIdentity",
    "GroupChat",
    "GroupFigures",
    "GroupMember",
    "GroupSend",
    "GroupWelcome",
    "HandoverResult",
    "ImageAttachment",
    "InterceptRule",
    "JoinWay",
    "Json",
    "LinkAttachment",
    "ListedGroup",
    "ListedMember",
    "ListedRule",
    "MadeAcquisitionLink",
    "MadeContactWay",
    "MadeJoinWay",
    "MediaAttachment",
    "MediaFile",
    "MediaKind",
    "Member",
    "MemberDetail",
    "Membership",
    "Merchant",
    "MiniProgramAttachment",
    "Moment",
    "MomentAttachment",
    "MomentJob",
    "MomentLink",
    "MomentReaction",
    "MomentReactions",
    "MomentTask",
    "Movement",
    "MsgTemplate",
    "NewMoment",
    "NewTag",
    "NoticeCard",
    "OtherAttachment",
    "OwnerFigures",
    "Product",
    "Remark",
    "SendResult",
    "SendTask",
    "SentMessage",
    "ServiceAccount",
    "ServiceCustomer",
    "ServiceMessage",
    "ServiceReply",
    "ServiceState",
    "Servicer",
    "ServicerResult",
    "StartedHandover",
    "TemplateCard",
    "TextCard",
    "UnassignedCustomer",
    "Upload",
    "UploadJob",
    "UploadedMedia",
    "Visitor",
    "VoteCard",
    "read_attachment",
]
