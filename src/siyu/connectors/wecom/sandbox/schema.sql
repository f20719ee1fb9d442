-- The sandbox's own books. Instants are epoch seconds: business time, except columns that end in _machine.

create table if not exists note (name text primary key, value text not null);

create table if not exists department (
    id integer primary key, name text not null, parent_id integer not null, sort integer not null, leaders text not null default '[]'
);

create table if not exists staff (
    userid text primary key, name text not null, position text not null, gender integer not null, status integer not null default 1,
    departments text not null, leads text not null, direct_leaders text not null default '[]', main_department integer not null,
    follows_customers integer not null, mobile text not null default '', left_at real
);
create table if not exists unlicensed (userid text primary key) without rowid;
create table if not exists mobile_miss (at_machine real not null);

create table if not exists customer (
    external_userid text primary key, shop_customer_id text not null unique, unionid text not null unique, name text not null, gender integer not null,
    city text not null, province text not null, created_at real not null, habits text not null, deliveries integer not null default 0,
    organic_orders integer not null default 0, moments integer not null default 0, dropped_out_at real
);
create table if not exists mood (external_userid text primary key, pressure real not null, pressed_at real not null, muted_until real) without rowid;
create table if not exists mute (
    id integer primary key, external_userid text not null, userid text not null, msgid text not null, at real not null, until real not null
);
create table if not exists complaint (id integer primary key, external_userid text not null, userid text not null, msgid text not null, at real not null);
create table if not exists referral (
    external_userid text primary key, referrer text not null, userid text not null, config_id text not null, at real not null
) without rowid;

create table if not exists follow (
    userid text not null, external_userid text not null references customer, remark text not null, description text not null, created_at real not null,
    add_way integer not null, oper_userid text not null, state text not null default '', talked_at real not null,
    left_by_customer_at real, left_by_staff_at real, remark_company text not null default '', remark_mobiles text not null default '[]',
    own_tags text not null default '[]',
    primary key (userid, external_userid)
) without rowid;
create index if not exists follow_of_customer on follow (external_userid);

create table if not exists half_follow (
    userid text not null, external_userid text not null references customer, since real not null, state text not null, welcome_code text not null,
    primary key (userid, external_userid)
) without rowid;
create index if not exists half_follow_of_customer on half_follow (external_userid);

create table if not exists strategy (
    strategy_id integer primary key, parent_id integer not null, name text not null, admins text not null, privilege text not null, range text not null,
    created_at real not null
);
create table if not exists tag_group (
    id text primary key, name text not null, sort integer not null, created_at real not null, agent_id integer, strategy_id integer
);
create table if not exists tag (
    id text primary key, group_id text not null references tag_group, name text not null, sort integer not null, created_at real not null, agent_id integer
);
create table if not exists tag_group_gone (id text primary key, name text not null, sort integer not null, created_at real not null, strategy_id integer);
create table if not exists tag_gone (
    id text primary key, group_id text not null, name text not null, sort integer not null, created_at real not null
);
create index if not exists tag_gone_of_group on tag_gone (group_id);
create table if not exists follow_tag (
    userid text not null, external_userid text not null, tag_id text not null, primary key (userid, external_userid, tag_id)
) without rowid;
create index if not exists follow_of_tag on follow_tag (tag_id);

create table if not exists contact_way (
    config_id text primary key, agent_id integer not null, type integer not null, scene integer not null, style integer, remark text not null,
    skip_verify integer not null, state text not null, users text not null, parties text not null, exclusive integer not null, created_at real not null,
    mark_source integer not null default 1, temporary integer not null default 0, over_at real, chat_seconds integer, unionid text not null default '',
    conclusions text not null default '{}'
);
create table if not exists temporary_chat (
    id integer primary key, userid text not null, external_userid text not null, config_id text not null, began_at real not null, ended_at real,
    text text, attachments text not null default '[]'
);
create index if not exists temporary_chat_of_pair on temporary_chat (userid, external_userid);
create index if not exists contact_way_by_time on contact_way (created_at, config_id);
create index if not exists contact_way_of_users on contact_way (users, created_at);
create table if not exists welcome (
    code text primary key, userid text not null, external_userid text not null, given_at real not null, given_machine real not null,
    agent_id integer, sent_at real, text text, attachments text
);
create index if not exists welcome_of_pair on welcome (external_userid, userid);

create table if not exists chat (
    chat_id text primary key, name text not null, owner text not null, created_at real not null, notice text not null default '',
    status integer not null default 0, version integer not null default 1, dismissed_at real
);
create table if not exists chat_member (
    chat_id text not null references chat, userid text not null, type integer not null, joined_at real not null, scene integer not null,
    state text not null default '', invitor text not null default '', left_at real, primary key (chat_id, userid)
) without rowid;
create index if not exists chats_of_member on chat_member (userid);
create table if not exists chat_message (chat_id text not null, userid text not null, at real not null);
create index if not exists chat_message_by_time on chat_message (chat_id, at);
create index if not exists chat_message_of_person on chat_message (chat_id, userid);
create table if not exists join_way (
    config_id text primary key, agent_id integer not null, scene integer not null, remark text not null, auto_create integer not null,
    base_name text not null, base_id integer not null, chats text not null, state text not null, created_at real not null,
    mark_source integer not null default 1
);

create table if not exists handover (
    external_userid text not null, nth integer not null, resigned integer not null, handover text not null, takeover text not null,
    asked_at real not null, due_at real not null, status integer not null, message text not null, primary key (external_userid, nth)
) without rowid;
create index if not exists handover_of_members on handover (handover, takeover, external_userid);
create table if not exists chat_handover (
    chat_id text not null, resigned integer not null, handover text not null, takeover text not null, asked_at real not null
);
create index if not exists chat_handover_of_member on chat_handover (handover, asked_at);

create table if not exists send (
    msgid text primary key, agent_id integer not null, chat_type text not null, created_at real not null, listed_from real not null,
    text text, attachments text not null, allow_select integer not null, link text, fail_list text not null, cancelled_at real
);
create index if not exists send_by_time on send (created_at, msgid);
create table if not exists send_task (
    msgid text not null references send, userid text not null, status integer not null default 0, sent_at real, reminders integer not null default 0,
    primary key (msgid, userid)
) without rowid;
create index if not exists send_task_of_member on send_task (userid);
create table if not exists send_recipient (
    msgid text not null, userid text not null, external_userid text not null, status integer not null default 0, sent_at real,
    primary key (msgid, userid, external_userid)
) without rowid;
create index if not exists send_recipient_of_customer on send_recipient (external_userid, sent_at) where status = 1;
create table if not exists send_chat (
    msgid text not null, userid text not null, chat_id text not null, status integer not null default 0, sent_at real,
    primary key (msgid, userid, chat_id)
) without rowid;
create index if not exists send_chat_of_chat on send_chat (chat_id, sent_at) where status = 1;
create table if not exists reminder (msgid text not null, at real not null);

create table if not exists moment (
    moment_id text primary key, agent_id integer, creator text not null, created_at real not null, ready_at real not null,
    text text, attachments text not null, link text, tags text not null, cancelled_at real
);
create index if not exists moment_by_time on moment (created_at, moment_id);
create table if not exists moment_job (
    jobid text primary key, agent_id integer not null, created_at real not null, created_machine real not null, ready_at real not null, result text not null
);
create table if not exists moment_task (
    moment_id text not null references moment, userid text not null, published_at real, primary key (moment_id, userid)
) without rowid;
create index if not exists moment_task_of_member on moment_task (userid);
create table if not exists moment_customer (
    moment_id text not null, userid text not null, external_userid text not null, seen_from real, primary key (moment_id, userid, external_userid)
) without rowid;
create index if not exists moment_customer_by_time on moment_customer (external_userid, seen_from) where seen_from is not null;
create table if not exists moment_reaction (
    moment_id text not null, userid text not null, external_userid text not null, kind text not null, at real not null,
    primary key (moment_id, userid, external_userid, kind)
) without rowid;

create table if not exists link_opening (
    id integer primary key, msgid text not null, external_userid text not null, url text not null, opened_at real not null, fetched integer not null,
    http_status integer, unique (msgid, external_userid)
);
create index if not exists link_opening_unfetched on link_opening (id) where fetched = 1 and http_status is null;
create table if not exists shop_order (
    order_no text primary key, external_userid text not null, shop_customer_id text not null, cause text not null, msgid text, paid_at real not null,
    amount text not null, cost text not null, payload text not null, http_status integer, refunded_at real, refund_payload text, refund_http_status integer
);
create index if not exists shop_order_of_customer on shop_order (external_userid, paid_at);
create index if not exists shop_order_unsent on shop_order (order_no) where http_status is null;
create index if not exists refund_unsent on shop_order (order_no) where refunded_at is not null and refund_http_status is null;
create table if not exists reply (id integer primary key, userid text not null, external_userid text not null, msgid text, at real not null, text text not null, answered_at real);
create index if not exists reply_by_time on reply (userid, at);
create index if not exists reply_of_pair on reply (userid, external_userid, at);
create table if not exists member_message (id integer primary key, userid text not null, external_userid text not null, at real not null, text text not null);
create index if not exists member_message_by_time on member_message (userid, at);

create table if not exists app_message (
    msgid text primary key, agent_id integer not null, msgtype text not null, content text not null, fingerprint text not null,
    at real not null, at_machine real not null, recalled_at real
);
create table if not exists app_message_receiver (
    msgid text not null, userid text not null, delivered integer not null, at_machine real not null, primary key (msgid, userid)
) without rowid;
create index if not exists app_message_receiver_by_time on app_message_receiver (userid, at_machine);

create table if not exists token (value text primary key, agent_id integer not null, expires_machine real not null, killed text);

create table if not exists due (id integer primary key, at real not null, rank text not null, kind text not null, params text not null);
create index if not exists due_by_time on due (at, rank);
create index if not exists due_by_rank on due (rank);

create table if not exists callback (
    agent_id integer primary key, url text not null, token text not null, aes_key text not null, receive_id text not null
);
create table if not exists push (
    id integer primary key, agent_id integer not null, body blob not null, event text not null, created_machine real not null, next_machine real not null,
    tries integer not null default 0, state text not null default 'open', twist text not null default ''
);
create index if not exists push_open on push (next_machine) where state = 'open';
create table if not exists push_try (push_id integer not null, at_machine real not null, status integer, error text, seconds real not null);

create table if not exists fault (
    id integer primary key, kind text not null, path text not null, probability real not null, remaining integer, params text not null,
    met integer not null default 0, fired integer not null default 0
);
create table if not exists fault_fired (fault_id integer not null, kind text not null, path text not null, at real not null, at_machine real not null);

create table if not exists media (
    media_id text primary key, kind text not null, purpose text not null, name text not null, size integer not null, md5 text not null,
    agent_id integer not null, created_at real not null, over_at real
);
create index if not exists media_by_purpose on media (purpose, created_at);
create table if not exists media_job (
    jobid text primary key, agent_id integer not null, kind text not null, name text not null, url text not null, md5 text not null,
    created_at real not null, media_id text, code integer
);
create index if not exists media_job_open on media_job (jobid) where media_id is null and code is null;

create table if not exists group_welcome (
    template_id text primary key, agent_id integer not null, text text not null, parts text not null, notify integer not null, created_at real not null
);

create table if not exists pending (pending_id text primary key, unionid text not null, over_at real not null);
create index if not exists pending_of_unionid on pending (unionid);

create table if not exists ticket (value text primary key, agent_id integer not null, expires_machine real not null);
create table if not exists login_code (
    code text primary key, agent_id integer not null, userid text not null, external_userid text not null, private integer not null,
    given_machine real not null, used integer not null default 0
);
create table if not exists user_ticket (value text primary key, agent_id integer not null, userid text not null, given_machine real not null);

create table if not exists app_card (msgid text primary key, agent_id integer not null, task_id text not null, card text not null);
create unique index if not exists app_card_of_task on app_card (agent_id, task_id) where task_id <> '';
create table if not exists app_card_view (
    msgid text not null references app_card, userid text not null, replaced text not null default '', card text, primary key (msgid, userid)
) without rowid;
create table if not exists card_code (code text primary key, msgid text not null, agent_id integer not null, given_at real not null, used integer not null default 0);

create table if not exists acquisition_link (
    link_id text primary key, agent_id integer not null, name text not null, users text not null, parties text not null, skip_verify integer not null,
    priority_type integer, priority_users text not null, mark_source integer not null, created_at real not null, deleted_at real
);
create table if not exists acquisition_visit (id integer primary key, link_id text not null references acquisition_link, external_userid text not null, at real not null);
create index if not exists acquisition_visit_by_time on acquisition_visit (link_id, at);
create table if not exists acquired (
    userid text not null, external_userid text not null, link_id text not null references acquisition_link, state text not null, added_at real not null,
    received integer not null default 0, primary key (userid, external_userid)
) without rowid;
create index if not exists acquired_by_time on acquired (link_id, added_at);
create table if not exists acquisition_quota (id integer primary key, total integer not null, used integer not null, over_at real);
create table if not exists chat_key (
    key text primary key, userid text not null, external_userid text not null, link_id text not null, state text not null, received integer not null,
    given_machine real not null
);

create table if not exists product (
    product_id text primary key, agent_id integer not null, description text not null, price integer not null, product_sn text not null,
    attachments text not null, created_at real not null, deleted_at real
);
create table if not exists intercept_rule (
    rule_id text primary key, name text not null, words text not null, semantics text not null, type integer not null, users text not null,
    parties text not null, created_at real not null, deleted_at real
);
create table if not exists intercepted (id integer primary key, msgid text not null, userid text not null, rule_id text not null, at real not null);

create table if not exists payment (
    transaction_id text primary key, out_trade_no text not null unique, payment_id text not null, order_no text, external_userid text not null,
    payee_userid text not null, mch_id text not null, payment_type integer not null, total_fee integer not null, remark text not null,
    commodities text not null, pay_time real not null
);
create index if not exists payment_of_order on payment (order_no);
create table if not exists payment_refund (
    out_refund_no text primary key, out_trade_no text not null references payment (out_trade_no), fee integer not null, comment text not null,
    refunded_at real not null
);
create index if not exists refund_of_payment on payment_refund (out_trade_no);

create table if not exists kf_account (open_kfid text primary key, name text not null, media_id text not null, created_at real not null, deleted_at real);
create table if not exists kf_servicer (
    open_kfid text not null references kf_account, userid text not null, department_id integer not null, status integer not null,
    primary key (open_kfid, userid, department_id)
) without rowid;
create table if not exists kf_way (code text primary key, open_kfid text not null references kf_account, scene text not null);
create table if not exists kf_session (
    open_kfid text not null references kf_account, external_userid text not null, state integer not null, servicer text not null default '',
    entered_at real not null, wrote_at real, sent integer not null default 0, scene text not null, scene_param text not null,
    primary key (open_kfid, external_userid)
) without rowid;
create index if not exists kf_session_of_customer on kf_session (external_userid);
create table if not exists kf_message (
    seq integer primary key, msgid text not null, open_kfid text not null, external_userid text not null, at real not null, origin integer not null,
    servicer text not null, kind text not null, body text not null, unique (open_kfid, msgid)
);
create table if not exists kf_code (
    code text primary key, open_kfid text not null, external_userid text not null, kind text not null, given_machine real not null,
    used integer not null default 0
);
create table if not exists kf_token (token text primary key, open_kfid text not null, given_machine real not null);
