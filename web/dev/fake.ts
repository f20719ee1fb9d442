import type { IncomingMessage, ServerResponse } from "node:http";
import type { Plugin } from "vite";

/** Answers of a made-up brand for work on the console without a server: `npm run dev:fake`. Never part of a build. */
export function fakeApi(): Plugin {
  return {
    name: "siyu-fake-api",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith("/api/")) return next();
        void read(request).then((text) => answer(request, response, text));
        return undefined;
      });
    },
  };
}

let seed = 7;
const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const uuid = (kind: number, index: number) => `0198c000-${String(kind).padStart(4, "0")}-7000-8000-${index.toString(16).padStart(12, "0")}`;
const now = "2026-03-16T02:30:00Z";
const daysAgo = (days: number, hours = 0) => new Date(Date.parse(now) - days * 86_400_000 - hours * 3_600_000).toISOString();

const surnames = [..."王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"];
const given = ["伟", "芳", "娜", "敏", "静", "秀英", "丽", "强", "磊", "洋", "艳", "勇", "杰", "涛", "明", "雪梅", "婷", "浩然", "子轩", "佳怡"];
const cities = [["浙江", "杭州"], ["上海", "上海"], ["广东", "深圳"], ["四川", "成都"], ["江苏", "苏州"], ["北京", "北京"]] as const;
const stages = [
  ["seed", "种子用户", "Seed", "加了好友还没买过", "A contact who has not bought"],
  ["new", "新客", "New", "首单在 30 天内", "First order within 30 days"],
  ["maintained", "稳定客户", "Maintained", "近 90 天买过 2 次以上", "Two or more orders in 90 days"],
  ["at_risk", "流失预警", "At risk", "90–180 天没买", "No order for 90–180 days"],
  ["lost", "已流失", "Lost", "180 天以上没买", "No order for over 180 days"],
] as const;
const names8 = ["important_value", "important_development", "important_retention", "important_win_back", "general_value", "general_development", "general_retention", "general_win_back"];
const zh8 = ["重要价值", "重要发展", "重要保持", "重要挽留", "一般价值", "一般发展", "一般保持", "一般挽留"];
const staff = ["林小满", "周店长", "赵敏", "钱多多", "孙倩", "李想"].map((name, index) => ({
  id: uuid(1, index), userid: `guide${index}`, name, department_ids: [], position: "导购", active: true, customers: 600 + index * 37,
}));
const customers = Array.from({ length: 240 }, (_, index) => {
  const [province, city] = pick(cities);
  const orders = Math.floor(random() * random() * 20);
  return {
    id: uuid(2, index), name: pick(surnames) + pick(given), masked_phone: `13${index % 10}****${1000 + index}`, city, province,
    stage: pick(stages)[0], rfm: orders ? { r: 1 + (index % 5), f: 1 + ((index * 3) % 5), m: 1 + ((index * 7) % 5), name: names8[index % 8] } : null,
    orders, revenue: (orders * 187.35 * (1 + random() * 40)).toFixed(3), last_paid_at: orders ? daysAgo(index % 200, 3) : null,
    staff: [{ id: staff[index % 6]?.id, name: staff[index % 6]?.name }], contact: index % 9 ? "yes" : index % 2 ? "lost" : "no", tags: [], created_at: daysAgo(400 - index),
  };
});
const orders = Array.from({ length: 160 }, (_, index) => ({
  id: uuid(3, index), order_no: String(536365 + index * 7), shop: "天猫旗舰店", customer: index % 13 ? { id: customers[index % 240]?.id, name: customers[index % 240]?.name } : null,
  status: pick(["paid", "paid", "paid", "partly_refunded", "cancelled"]), paid_at: daysAgo(index / 3), total_fen: Math.floor(random() * 90_000) + 990, refunded_fen: index % 11 ? 0 : 1990, lines: 1 + (index % 9), source: "import",
}));
const segment = { id: uuid(4, 1), name: "重要价值 · 3月", filter: { rfm_name: "important_value" }, frozen: false, members: 1187, as_of: now, created_by: `user:${uuid(8, 2)}`, created_at: daysAgo(3), hash: null };
const material = { id: uuid(5, 1), title: "春茶上新", text: "春茶上新啦!明前龙井到店,老顾客专享 9 折,点击查看 👉 {link}", link_url: "https://shop.example.com/spring", link_title: "明前龙井 · 老客 9 折", words: [], created_at: now };
const broadcast = (index: number, state: string) => ({
  id: uuid(6, index), name: ["春茶上新", "会员日预热", "沉睡唤醒"][index] ?? "群发", state, segment: { id: segment.id, name: segment.name }, material, purpose: "promotion", holdout_bp: 1000, horizon_days: 7,
  send_at: state === "draft" ? null : daysAgo(5 - index * 5), created_by: `user:${uuid(8, 2)}`, created_at: daysAgo(6), submitted_by: null, approved_by: state === "done" ? `user:${uuid(8, 1)}` : null, starts_at: null, started_at: state === "done" ? daysAgo(5) : null, stopped_at: null, done_at: null, rejection: null, version: 1, changed_by: null, frozen_count: state === "draft" ? null : 1187,
});
const broadcasts = [broadcast(0, "done"), broadcast(1, "awaiting_approval"), broadcast(2, "draft")];
const refused = [{ reason: "no_relation", count: 84 }, { reason: "frequency_cap", count: 51 }, { reason: "opted_out", count: 12 }];
const months = Array.from({ length: 13 }, (_, index) => `${2025 + Math.floor((index + 2) / 12)}-${String(((index + 2) % 12) + 1).padStart(2, "0")}`);
const chats = Array.from({ length: 7 }, (_, index) => ({
  id: uuid(14, index), chat_id: `wr${index}`, name: `${cities[index % 6]?.[1]}店福利群`, owner: { id: staff[index % 6]?.id, name: staff[index % 6]?.name }, state: index === 6 ? "dismissed" : "active", created_at: daysAgo(200 - index), dismissed_at: index === 6 ? daysAgo(3) : null, read_at: daysAgo(0, 2),
  members: 120 + index * 31, customers: 115 + index * 31, strangers: index * 2, joined_today: index, left_today: index % 3,
}));
const page = (items: unknown[], total = items.length) => ({ items, next_cursor: items.length >= 50 ? "next" : null, total, as_of: now });
const report = {
  rows: 541909, orders: 25900, customers: 4372, refunds: 3836, rejected: 2521, unchanged_orders: 0, new_orders: 25900, changed_orders: 0, first_paid_at: "2025-01-06T00:26:00Z", last_paid_at: "2026-03-15T04:50:00Z", revenue: "9747747.934",
  problems: Array.from({ length: 23 }, (_, index) => ({ row: 622 + index * 31, column: "UnitPrice", value: "-11062.06", code: "negative_amount", params: {}, zh: "价格或金额为负，且不是退款行", en: "A price or amount is negative, and the row is no refund" })), problems_by_code: { negative_amount: 2, negative_quantity: 2519 }, gift_orders: 0, profile: {},
};
const importOf = (state: string) => ({
  id: uuid(7, 1), file_name: "online_retail.parquet", size_bytes: 8_120_322, format: "parquet", encoding: null, delimiter: null, sheet: null, state, guessed: true, problems_count: 2521, job_id: null, report: state === "uploaded" ? null : report, created_at: daysAgo(0, 2),
  columns: ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"].map((name, index) => ({ name, samples: [["536365", "536366"], ["85123A"], ["白色心形烛台"], ["6", "8"], ["2025-01-06 08:26"], ["2.55"], ["17850"], ["中国"]][index] })),
  mapping: { order_no: "InvoiceNo", sku: "StockCode", product_name: "Description", quantity: "Quantity", paid_at: "InvoiceDate", unit_price: "UnitPrice", customer_no: "CustomerID", country: "Country", amount: null },
  options: { shop: "默认店铺", timezone: "Asia/Shanghai", day_first: false, money_unit: "yuan" },
});
let imported = importOf("checked");
const permissions = [
  "customers.read", "customers.export", "customers.edit", "rfm.edit", "analysis.read", "segments.read", "segments.edit", "imports.read", "imports.write", "broadcasts.read", "broadcasts.write", "materials.read", "materials.write", "broadcasts.approve", "orders.read",
  "accounts.read", "accounts.manage", "audit.read", "tenant.manage", "jobs.read", "jobs.run", "staff.read", "corps.read", "corps.write", "sources.manage", "groups.read", "groups.sync", "tags.read", "tags.write",
];
const me = { account: { id: uuid(8, 1), login: "owner", name: "周经营", role: "owner", staff_id: null, totp: false }, permissions, scope: { kind: "all" }, tenant: { id: uuid(9, 1), name: "半山茶事", timezone: "Asia/Shanghai", currency: "CNY" }, now, demo: true, sandbox: true, language: null };
const cell = () => ({ customers: Math.floor(random() * 400) + 3, revenue: (random() * 300000).toFixed(2) });
const grid = {
  as_of: now, on: "2026-03-16", cutoffs: { mode: "quintile", r: [13, 33, 71, 180], f: [1, 2, 3, 6], m: [234.3, 465.4, 909.5, 2057.9] }, grid: Array.from({ length: 5 }, () => Array.from({ length: 5 }, cell)),
  names: names8.map((key, index) => ({ key, zh: zh8[index], en: key.replace(/_/g, " "), customers: 1187 - index * 107, revenue: (4000000 / (index + 1)).toFixed(2), share: (1187 - index * 107) / 4338 })),
  bounds: { r: [[181, 373], [72, 180], [34, 71], [14, 33], [0, 13]], f: [[1, 1], [1, 2], [2, 3], [3, 6], [6, 209]], m: [["3.75", "234.30"], ["234.39", "465.40"], ["465.68", "909.50"], ["912.00", "2057.90"], ["2058.00", "280206.02"]] },
  means: { r: 92.5, f: 4.27, m: "2054.27" }, medians: { r: 50, f: 2, m: "674.49" },
};
const figure = (id: string, zh: string, en: string, value: number, unit: string, before: number, link: string) => ({
  id, zh, en, value, unit, compare: { value: before, zh: "较上周同日", en: "v. last week" }, definition_zh: "品牌时区今天 0 点起,已付款,去重,不含取消。", definition_en: "Since midnight in the brand's zone, paid, each once, without cancelled orders.", link,
});
const result = {
  state: "done", waiting: 0, audience: 1187, holdout: 119, planned: 921, refused, asked: 921, tasks: { open: 2, confirmed: 22, by_staff: staff.map((one, index) => ({ staff: { id: one.id, name: one.name }, tasks: 3, asked: 160 - index * 3, confirmed: 3, delivered: index === 5 ? 0 : 150 - index * 4, state: index === 5 ? "open" : "confirmed" })) },
  delivered: 838, not_friend: 11, over_limit: 4, unknown: 3, link_opened: 291, orders_after: 146, revenue_after: "51234.5", margin_after_fen: 1844442, margin_assumed: true,
  as_of: now,
};
const lift = { primary: "margin_per_customer_fen", treated: { n: 921, mean_fen: 2003 }, holdout: { n: 119, mean_fen: 1188 }, point_fen: 815, low_fen: 143, high_fen: 1487, verdict: "proven", smallest_provable_fen: 690, ratio_p: 0.41, ends_at: daysAgo(-2), margin_assumed: true, as_of: now };
const estimate = {
  audience: 1187, holdout: 119, planned: 921, refused, calls: 24, per_staff: staff.map((one, index) => ({ staff: { id: one.id, name: one.name }, recipients: 170 - index * 6, confirmations: 1, day: "2026-03-16" })),
  smallest_provable: { rate: null, margin_fen: 690 }, holdout_cost_fen: 96_985, touched_this_month: 322, held_until: null, needs_approval: true, approval_limit: 500, as_of: now,
};
const jobs = [
  { id: uuid(10, 1), kind: "imports.run", title: "online_retail.parquet", state: "leased", done: 12_400, total: 25_900, failed: 31, result: null, error: null, params: {}, cancellable: true, created_by: `user:${uuid(8, 1)}`, created_at: daysAgo(0, 1), started_at: daysAgo(0, 1), finished_at: null },
  { id: uuid(10, 2), kind: "customers.export", title: null, state: "done", done: 6120, total: 6120, failed: 0, result: { url: "/api/files/x" }, error: null, params: {}, cancellable: false, created_by: `user:${uuid(8, 1)}`, created_at: daysAgo(1), started_at: daysAgo(1), finished_at: daysAgo(1) },
  { id: uuid(10, 3), kind: "imports.check", title: "orders-gbk.csv", state: "failed", done: 0, total: null, failed: 0, result: null, error: { code: "import.unreadable", params: {} }, params: {}, cancellable: false, created_by: `user:${uuid(8, 1)}`, created_at: daysAgo(2), started_at: daysAgo(2), finished_at: daysAgo(2) },
];
const timeline = [
  ["order.paid", "下单 ¥268.00(订单 536365)", "Ordered ¥268.00 (order 536365)"], ["link.opened", "点开了「春茶上新」的链接", "Opened the link of “Spring tea”"], ["message.sent", "林小满发送了群发「春茶上新」", "Lin sent the broadcast “Spring tea”"], ["contact.added", "扫码添加林小满为好友", "Added Lin by QR code"],
].map(([name, text_zh, text_en], index) => ({ id: uuid(11, index), name, at: daysAgo(index * 3, index), text_zh, text_en, props: {}, actor: null }));

const routes: [string, RegExp, (id: string, query: URLSearchParams, body: Record<string, never>) => unknown][] = [
  ["GET", /^\/setup$/, () => ({ needed: mode === "setup" })],
  ["POST", /^\/setup$/, () => me],
  ["POST", /^\/session$/, () => ((mode = "in"), me)],
  ["GET", /^\/me$/, () => me],
  ["GET", /^\/today$/, () => ({
    as_of: now,
    figures: [figure("revenue", "今日营收", "Revenue today", 1_845_320, "fen", 1_620_000, "/orders"), figure("orders", "今日订单", "Orders today", 86, "count", 91, "/orders"), figure("buyers", "今日购买人数", "Buyers today", 73, "people", 60, "/customers?ordered=yes"), figure("contacts", "在册好友", "Contacts", 41_230, "people", 41_002, "/customers?contact=yes"), figure("repurchase", "近 30 天复购占比", "Repeat share, 30 days", 0.3412, "rate", 0.331, "/retention"), figure("lost", "今日流失好友", "Contacts lost today", 6, "people", 9, "/customers?contact=lost")],
    tasks: [{ id: "approve", zh: "群发待审批", en: "Broadcasts to approve", count: 1, link: "/broadcasts", due_at: null }, { id: "confirm", zh: "群发任务待员工确认", en: "Tasks staff have to confirm", count: 24, link: "/broadcasts", due_at: daysAgo(-1) }],
    checklist: [{ id: "connect", done: true, link: "/settings/brand" }, { id: "orders", done: true, link: "/imports" }, { id: "rfm", done: false, link: "/rfm" }, { id: "segment", done: false, link: "/customers" }, { id: "broadcast", done: false, link: "/broadcasts/new" }],
  })],
  ["GET", /^\/revenue$/, () => ({ as_of: now, rows: months.map((month, index) => ({ month, revenue: (523412.37 + Math.sin(index) * 120000 + index * 41000).toFixed(3), orders: 1400 + index * 90, customers: 740 + index * 60, new_customers: 420 - index * 20 })), totals: { revenue: "9747747.934", orders: 18_532, customers: 4338 } })],
  ["GET", /^\/retention$/, () => ({ as_of: now, cohorts: months.map((cohort, index) => ({ cohort, size: 885 - index * 40, counts: Array.from({ length: 13 - index }, (_, month) => (month ? Math.floor((885 - index * 40) * (0.21 + 0.02 * Math.cos(month) + (index ? 0 : 0.16))) : 885 - index * 40)) })) })],
  ["GET", /^\/lifecycle$/, () => ({ as_of: now, stages: stages.map(([key, zh, en, rule_zh, rule_en], index) => ({ key, zh, en, customers: 1400 - index * 210, rule_zh, rule_en })) })],
  ["GET", /^\/rfm$/, () => grid],
  ["PUT", /^\/rfm\/cutoffs$/, () => grid],
  ["GET", /^\/customers$/, (_, query) => { const q = query.get("q"); const found = customers.filter((one) => (!q || one.name.includes(q)) && (!query.get("stage") || one.stage === query.get("stage"))); return page(found.slice(0, Number(query.get("limit") ?? 50)), found.length === 240 ? 4372 : found.length); }],
  ["GET", /^\/customers\/([^/]+)$/, (id) => { const one = customers.find((row) => row.id === id) ?? customers[0]; return { ...one, profile: { gender: "2", city: one?.city, province: one?.province, created_at: daysAgo(300), identities: [{ namespace: "unionid", masked: "oX7f…k29Q", verified: true }, { namespace: "phone", masked: "138****1234", verified: true }, { namespace: "customer_no", masked: "17850", verified: false }] }, figures: { orders: 12, revenue: "3205.12", refunds: "129.90", aov: "267.09", first_paid_at: daysAgo(300), last_paid_at: daysAgo(8), days_since: 8, margin: "1153.84", margin_assumed: true }, relations: [{ staff: { id: staff[0]?.id, name: "林小满" }, since: daysAgo(210), state: "active", add_way: "1", remark: "杭州 爱喝龙井", tags: [{ group: "兴趣", name: "绿茶" }] }], opted_out: false, as_of: now }; }],
  ["GET", /^\/customers\/([^/]+)\/orders$/, () => page(orders.slice(0, 12))],
  ["GET", /^\/customers\/([^/]+)\/timeline$/, () => page(timeline)],
  ["GET", /^\/orders$/, () => page(orders.slice(0, 50), 18_532)],
  ["GET", /^\/orders\/([^/]+)$/, (id) => ({ ...(orders.find((one) => one.id === id) ?? orders[0]), lines: [{ refund_no: null, sku: "85123A", name: "白色心形烛台", quantity: "6", unit_price: "2.55", amount: "15.30", unit_cost: null, kind: "sale" }, { sku: "71053", name: "金属灯笼", quantity: 6, unit_price: "3.39", amount: "20.34", unit_cost: "1.2", kind: "sale" }] })],
  ["GET", /^\/segments$/, () => page([segment, { ...segment, id: uuid(4, 2), name: "90 天未购", filter: { stage: "at_risk", staff_id: staff[0]?.id ?? "" }, frozen: true, members: 640 }])],
  ["POST", /^\/segments$/, () => segment],
  ["POST", /^\/segments\/preview$/, () => ({ count: 1187, as_of: now, sample: [] })],
  ["GET", /^\/segments\/([^/]+)$/, () => segment],
  ["GET", /^\/segments\/([^/]+)\/members$/, () => page(customers.slice(0, 20), 1187)],
  ["GET", /^\/staff$/, () => page(staff)],
  ["GET", /^\/departments$/, () => [{ id: uuid(12, 1), name: "华东区", parent_id: null, staff: 4, depth: 0 }]],
  ["GET", /^\/roles$/, () => [{ role: "owner", zh: "经营者", en: "Owner", permissions }, { role: "operator", zh: "运营", en: "Operator", permissions }, { role: "guide", zh: "导购·客服", en: "Guide", permissions: [] }]],
  ["GET", /^\/accounts$/, () => page([{ ...me.account, scope: { kind: "all" }, active: true, last_seen_at: now }, { id: uuid(8, 2), login: "guide1", name: "林小满", role: "guide", scope: { kind: "own", staff_id: staff[0]?.id }, totp: true, active: true, last_seen_at: daysAgo(1) }])],
  ["GET", /^\/audit$/, () => page(Array.from({ length: 30 }, (_, index) => ({ seq: 90 - index, at: daysAgo(index / 4), actor: "user:1", actor_name: "周经营", act: pick(["session.started", "broadcast.submitted", "customers.exported", "account.changed"]), subject: `broadcast:${uuid(6, 0)}`, detail: { address: "127.0.0.1", people: 921 }, hash: "9f2c1a7be4d0" + index })))],
  ["GET", /^\/audit\/verify$/, () => ({ ok: true, entries: 90, broken_at: null })],
  ["GET", /^\/tenant$/, () => ({ ...me.tenant, margin_rate_bp: 3600, approval_above: 1000 })],
  ["PATCH", /^\/tenant$/, () => ({ ...me.tenant, margin_rate_bp: 3600, approval_above: 1000 })],
  ["GET", /^\/jobs$/, () => page(jobs)],
  ["GET", /^\/jobs\/([^/]+)$/, (id) => jobs.find((job) => job.id === id) ?? jobs[0]],
  ["GET", /^\/imports$/, () => page([imported, { ...importOf("done"), id: uuid(7, 2), file_name: "2026-02 天猫订单.xlsx", state: "done" }])],
  ["POST", /^\/imports$/, () => (imported = importOf("uploaded"))],
  ["GET", /^\/imports\/fields$/, () => [["order_no", "订单号", "Order number", true], ["paid_at", "付款时间", "Paid at", true], ["sku", "货号", "SKU", false], ["product_name", "商品名称", "Product", false], ["quantity", "数量", "Quantity", true], ["unit_price", "单价", "Unit price", true], ["amount", "金额", "Amount", false], ["unit_cost", "成本价", "Unit cost", false], ["customer_no", "客户号", "Customer number", false], ["phone", "手机号", "Phone", false], ["country", "国家", "Country", false], ["refund_of", "退款的原订单", "Refund of", false]].map(([field, zh, en, required]) => ({ field, zh, en, required, kind: "text" }))],
  ["GET", /^\/imports\/([^/]+)$/, () => imported],
  ["PUT", /^\/imports\/([^/]+)\/mapping$/, () => imported],
  ["POST", /^\/imports\/([^/]+)\/check$/, () => (imported = importOf("checked"))],
  ["POST", /^\/imports\/([^/]+)\/run$/, () => (imported = importOf("done"))],
  ["POST", /^\/words\/check$/, (_, __, body) => ({ hits: String(body["text"] ?? "").includes("最低价") ? [{ word: "最低价", level: "block" }] : [] })],
  ["POST", /^\/materials$/, () => material],
  ["GET", /^\/broadcasts$/, () => page(broadcasts)],
  ["POST", /^\/broadcasts$/, () => broadcasts[2]],
  ["GET", /^\/broadcasts\/([^/]+)$/, (id) => broadcasts.find((one) => one.id === id) ?? broadcasts[0]],
  ["PATCH", /^\/broadcasts\/([^/]+)$/, (id) => broadcasts.find((one) => one.id === id)],
  ["POST", /^\/broadcasts\/([^/]+)\/estimate$/, () => estimate],
  ["POST", /^\/broadcasts\/([^/]+)\/submit$/, () => broadcasts[1]],
  ["GET", /^\/broadcasts\/([^/]+)\/result$/, () => result],
  ["GET", /^\/broadcasts\/([^/]+)\/lift$/, () => lift],
  ["GET", /^\/broadcasts\/([^/]+)\/recipients$/, () => page(customers.slice(0, 40).map((one, index) => ({ customer_id: one.id, customer_name: one.name, staff: one.staff[0], arm: index % 9 ? "treated" : "holdout", state: index % 9 ? pick(["sent", "sent", "task", "skipped"]) : "skipped", reason: null, sent_at: daysAgo(2), opened_at: index % 3 ? null : daysAgo(1), ordered: index % 4 === 0 })))],
  ["GET", /^\/corps$/, () => [{ id: uuid(13, 1), corp_id: "ww4594d0cde56ffeac", agent_id: 1000002, name: "半山茶事", base_url: "http://127.0.0.1:7001", callback_path: "/callbacks/wecom/ps37gxmxfp6rjaa", active: true, synced_at: daysAgo(0, 3) }]],
  ["GET", /^\/sources$/, () => [{ id: uuid(14, 1), name: "天猫旗舰店", key_hint: "sk_…9f2c", created_at: daysAgo(30), revoked_at: null }]],
  ["GET", /^\/groups$/, () => page(chats)],
  ["GET", /^\/groups\/([^/]+)$/, (id) => ({ ...(chats.find((one) => one.id === id) ?? chats[0]), notice: "每周三晚 8 点上新", days: Array.from({ length: 9 }, (_, index) => ({ day: daysAgo(9 - index).slice(0, 10), way: 1 + (index % 3), joined: 3 + index, left: index % 4 })) })],
  ["GET", /^\/groups\/([^/]+)\/members$/, (_, query) => page(customers.slice(0, 30).map((one, index) => ({ member: `wm${index}`, kind: "customer", name: one.name, nickname: "", customer_id: index % 6 ? one.id : null, contact: index % 6 > 0, joined_at: daysAgo(index * 3), way: index % 4, state: "", invited_by: index % 4 === 1 ? "guide1" : "", ...(query.get("inside") === "false" ? { left_at: daysAgo(index), ended: pick(["left", "removed", "unknown"]) } : { left_at: null, ended: null }) })))],
  ["POST", /^\/groups\/sync$/, () => ({ job_ids: [uuid(10, 1)] })],
  ["GET", /^\/tags$/, () => [{ corp: uuid(13, 1), corp_name: "半山茶事", read_at: daysAgo(0, 3), tags: 3120, ceiling: 10_000, warn_from: 3000, groups: [["会员等级", ["普通会员", "银卡会员", "金卡会员"]], ["兴趣", ["绿茶", "茶具", "伴手礼"]]].map(([name, tags], index) => ({ id: `et${index}`, name, tags: [...(tags ?? [])].map((tag, place) => ({ id: `et${index}${place}`, name: tag, customers: place * 431 })) })) }]],
  ["GET", /^\/search$/, (_, query) => ({ customers: customers.filter((one) => one.name.includes(query.get("q") ?? "")).slice(0, 5), orders: orders.filter((one) => one.order_no.includes(query.get("q") ?? "")).slice(0, 5) })],
];

/** How the brand stands: FAKE=setup|out|in|empty|broken. */
let mode = process.env["FAKE"] ?? "in";

function answer(request: IncomingMessage, response: ServerResponse, text: string): void {
  const url = new URL(request.url ?? "/", "http://fake");
  const path = url.pathname.replace(/^\/api/, "");
  const send = (status: number, body: unknown) => {
    response.writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json", "x-request-id": "3f9a1c2b7d10" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  };
  const problem = (status: number, code: string) => send(status, { title: code, status, code, params: {}, request_id: "3f9a1c2b7d10" });
  if ((mode === "setup" || mode === "out") && !["/setup", "/session"].includes(path)) return problem(401, "session.none");
  if (mode === "broken" && path !== "/me") return problem(500, "internal");
  const body = text.startsWith("{") ? (JSON.parse(text) as Record<string, never>) : {};
  for (const [method, pattern, reply] of routes) {
    const found = request.method === method ? pattern.exec(path) : null;
    if (!found) continue;
    const value = reply(found[1] ?? "", url.searchParams, body);
    if (mode === "empty" && method === "GET" && value && typeof value === "object" && "items" in value) return send(200, { ...value, items: [], total: 0, next_cursor: null });
    return send(200, value);
  }
  if (request.method !== "GET") return send(204, undefined);
  return problem(404, "not_found");
}

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => resolve(Buffer.concat(parts).toString()));
  });
}
