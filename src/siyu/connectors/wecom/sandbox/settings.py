"""Every setting of the sandbox. Limits default to the published numbers; they differ from corp to corp, so none is a constant."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

GroupSendRule = Literal["month", "week7", "daily", "month4", "off"]
FIRST_AGENT_ID = 1000002


@dataclass(frozen=True)
class Limits:
    """Rates, ceilings and page sizes of the contract. Windows of rates are machine time, allowances of receivers business time."""

    calls_per_minute: int = 10_000
    """Per corp and path; a block lasts as long as its window."""
    calls_per_hour: int = 150_000
    ip_calls_per_minute: int = 20_000
    ip_calls_per_hour: int = 600_000
    parallel: int = 20
    """Calls of one path at a time; above it 45033. The real number is unpublished."""
    wrong_secrets_per_hour: int = 2000
    token_seconds: int = 7200
    body_bytes: int = 10 << 20
    member_ids_page: int = 10_000
    mobile_miss_share: float = 0.2
    """Wrong mobile numbers asked for in a day, as a share of the members; above it the call is closed for a day."""
    upload_bytes: int = 21 << 20
    """Of a whole multipart body."""
    batch_userids: int = 100
    batch_page_default: int = 50
    batch_page_max: int = 100
    followers_page: int = 500
    group_send_rule: GroupSendRule = "month"
    """What one receiver can get: month = as many as the month has days, week7 = 7 a week, daily = 1 a day, month4 = 4 a month."""
    send_external_userids: int = 10_000
    send_chats: int = 2000
    send_text_bytes: int = 4000
    send_attachments: int = 9
    filter_tags: int = 100
    corp_tags: int = 10_000
    pair_tags: int = 3000
    contact_ways: int = 500_000
    contact_way_members: int = 100
    temporary_ways_per_day: int = 100_000
    """Codes for temporary chats made in a day of business time; they do not count as contact ways."""
    temporary_way_seconds: int = 7 * 86_400
    temporary_way_seconds_max: int = 14 * 86_400
    """How long such a code can be scanned."""
    temporary_chat_seconds: int = 86_400
    temporary_chat_seconds_max: int = 14 * 86_400
    """How long who scanned it stays."""
    remark_mobiles: int = 5
    served_page: int = 1000
    served_cursor_seconds: int = 4 * 3600
    """Business seconds for which a cursor of the people served is good."""
    strategy_page: int = 1000
    strategy_admins: int = 20
    welcome_seconds: float = 20.0
    member_customers: int = 20_000
    handover_customers: int = 100
    handover_message: int = 200
    handover_page: int = 1000
    handover_seconds: float = 86_400.0
    """Business seconds until a customer who does not refuse has moved."""
    handovers_in_90_days: int = 2
    unassigned_page: int = 1000
    unassigned_rows_by_page: int = 50_000
    """Pages by number end here; the cursor goes on."""
    chat_handover_chats: int = 100
    chat_handovers_a_day: int = 300
    chat_handover_seconds: float = 60.0
    """Business seconds in which a group of a former member is being taken over."""
    statistic_days_back: int = 180
    statistic_span_days: int = 30
    statistic_people: int = 100
    statistic_page_default: int = 500
    statistic_page_max: int = 1000
    group_welcomes: int = 100
    group_welcome_bytes: int = 3000
    chat_members: int = 500
    join_way_chats: int = 5
    moment_jobs_per_minute: int = 10
    moment_job_seconds: float = 2.0
    """Business seconds until a moment is made and its members are asked."""
    moment_job_kept_seconds: float = 86_400.0
    moment_text: int = 2000
    moment_attachments: int = 9
    moment_link_title_bytes: int = 64
    moment_users: int = 100_000
    moments_span_days: int = 30
    moments_page: int = 20
    moment_receivers_page_default: int = 3000
    moment_receivers_page_max: int = 5000
    moments_per_day: int = 0
    """How many moments one customer sees in a day, and in a month; 0 for any number, as the contract names none."""
    moments_per_month: int = 0
    people_without_filter: int = 1000
    url_bytes: int = 2048
    sends_span_days: int = 31
    sends_page_default: int = 50
    sends_page_max: int = 100
    results_page_default: int = 500
    results_page_max: int = 1000
    reminders_per_day: int = 3
    dispatch_seconds: float = 0.0
    """Business seconds after creation in which questions about a send answer 41063."""
    unionids_per_hour: int = 100_000
    unionids_per_day: int = 480_000
    unionids_per_30_days: int = 7_500_000
    """Conversions of the corp, shared by all apps, for its own subject and for a provider's each."""
    pending_ids: int = 100
    pending_id_seconds: int = 90 * 86_400
    new_external_userids: int = 1000
    ticket_seconds: int = 7200
    tickets_per_corp_hour: int = 400
    tickets_per_app_hour: int = 100
    login_code_seconds: float = 300.0
    user_ticket_seconds: float = 1800.0
    media_seconds: int = 3 * 86_400
    media_image_bytes: int = 10 << 20
    media_voice_bytes: int = 2 << 20
    media_voice_seconds: float = 60.0
    moment_video_seconds: float = 30.0
    media_video_bytes: int = 10 << 20
    media_file_bytes: int = 20 << 20
    """Also what `media/get` gives in one piece."""
    media_url_bytes: int = 200 << 20
    image_bytes: int = 2 << 20
    images_per_day: int = 1000
    images_per_month: int = 3000
    """Permanent pictures of the corp, in days and months of business time."""
    acquisition_links: int = 10_000
    acquisition_members: int = 500
    acquisition_quota: int = 1000
    """What the corp begins with; it never ends."""
    chat_key_seconds: float = 1800.0
    product_price_fen: int = 5_000_000
    intercept_rules: int = 100
    intercept_words: int = 300
    kf_accounts: int = 5000
    kf_answers: int = 5
    kf_answer_seconds: int = 48 * 3600
    kf_kept_seconds: int = 3 * 86_400
    kf_token_seconds: float = 600.0
    kf_sync_without_token_per_hour: int = 60
    """The real number is unpublished."""
    response_code_seconds: int = 72 * 3600
    message_users: int = 1000
    message_parties: int = 100
    message_tags: int = 100
    message_text_bytes: int = 2048
    message_member_per_minute: int = 30
    message_member_per_hour: int = 1000
    message_duplicate_seconds: int = 1800
    message_duplicate_seconds_max: int = 14_400


@dataclass(frozen=True)
class AppSettings:
    """One self-built app of the corp. `visible_departments`: roots of what it sees. `customer_contact`: listed under 可调用接口的应用, else 48002."""

    agent_id: int
    secret: str = field(repr=False)
    visible_departments: tuple[int, ...] = (1,)
    customer_contact: bool = True
    address_book: bool = True
    """It may read all member ids, as the secret of 通讯录同步 may."""
    trusted_domains: tuple[str, ...] = ()
    """Hosts to which a log-in may return, else 50001; empty accepts all."""
    payments: bool = True
    """May read 对外收款, else 48002."""
    edits_all_tags: bool = True
    """It uses the secret of 客户联系, which may change any tag; other apps only their own."""


@dataclass(frozen=True)
class PushSettings:
    """Callbacks out, in machine seconds. `repeat_on_status`: older rule, any status other than 200 is repeated too."""

    answer_seconds: float = 5.0
    tries: int = 3
    wait_seconds: float = 1.0
    repeat_on_status: bool = False


@dataclass(frozen=True)
class Settings:
    """One sandbox. `home` keeps its books, its clock file, its address and who it is; everything else has a default made from `seed`."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 0
    """0 takes a free one; the address stands in `home/sandbox.json`."""
    seed: int | None = None
    """Everything in the town follows from it; None for that of the home, 1 in a fresh one."""
    speed: float = 1.0
    """Business seconds per machine second at the first start; 0 stands still and moves by steps only."""
    start: str = ""
    """Business instant (ISO 8601) of the first start; empty takes the machine's."""
    population: Path | None = None
    scenario: Path | None = None
    """A file or a shipped name; None for that of the last start."""
    data: Path | None = None
    """Folder with names, cities and products; empty looks for `data/town` of the repository."""
    control_key: str = field(default="", repr=False)
    """Bearer key of the control interface; empty makes one at the first start."""
    fault_seed: int | None = None
    """Faults are drawn from it when the home has none of this number yet; None for none."""
    corp_id: str = ""
    agent_id: int | None = None
    secret: str = field(default="", repr=False)
    """Of the one app, unless `apps` names it or several; like `corp_id` kept in the home."""
    apps: tuple[AppSettings, ...] = ()
    trusted_ips: tuple[str, ...] = ()
    """Callers the apps accept, else 60020; empty accepts all."""
    unionid: bool = True
    """Whether the corp has bound a WeChat developer id, so that `get` carries unionids."""
    open_profile_events: bool = False
    """Whether opening an acquisition link calls back: only some trades are told."""
    payments: bool = True
    """Whether 对外收款 is open in this corp, else 660013."""
    temporary_chats: bool = True
    """Whether the corp's trade may have temporary chats, as medical ones may; else 48001."""
    empty_list_is_84061: bool = True
    """A member without customers answers 84061 in place of an empty list."""
    keep_alive: bool = False
    """The platform closes each connection; True keeps them open, for load tests."""
    link_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")
    """Hosts whose links the town's customers really fetch."""
    limits: Limits = Limits()
    push: PushSettings = PushSettings()

    @property
    def origin(self) -> int:
        """The seed, given or not."""
        return 1 if self.seed is None else self.seed

    @property
    def corp(self) -> str:
        return self.corp_id or "ww" + self._derived("corp", 16)

    @property
    def all_apps(self) -> tuple[AppSettings, ...]:
        return self.apps or (AppSettings(agent_id=self.agent_id or FIRST_AGENT_ID, secret=self.secret or self._derived("secret", 43)),)

    def _derived(self, purpose: str, length: int) -> str:
        return hashlib.sha256(f"{self.origin}/{purpose}".encode()).hexdigest()[:length]
