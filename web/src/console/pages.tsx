import {
  ApartmentOutlined,
  ApiOutlined,
  BarChartOutlined,
  BellOutlined,
  ClusterOutlined,
  ControlOutlined,
  FieldTimeOutlined,
  HomeOutlined,
  ImportOutlined,
  KeyOutlined,
  LineChartOutlined,
  NotificationOutlined,
  PictureOutlined,
  QrcodeOutlined,
  SafetyCertificateOutlined,
  SendOutlined,
  SettingOutlined,
  ShoppingOutlined,
  SmileOutlined,
  SwapOutlined,
  TableOutlined,
  TagsOutlined,
  TeamOutlined,
  ThunderboltOutlined,
  UnorderedListOutlined,
  UserDeleteOutlined,
  UserOutlined,
  WechatWorkOutlined,
} from "@ant-design/icons";
import type { ComponentType, ReactNode } from "react";

import { withWords } from "@/shared/i18n";

type Load = () => Promise<{ default: ComponentType }>;

export const groups = ["workbench", "customers", "operation", "trade", "analysis", "settings"] as const;

export interface MenuEntry {
  group: (typeof groups)[number];
  /** Key of its name under `menu`. */
  name: "today" | "jobs" | "customers" | "segments" | "customerGroups" | "tags" | "ways" | "lifecycle" | "losses" | "handovers" | "imports" | "broadcasts" | "welcomes" | "published" | "orders" | "albums" | "rfm" | "retention" | "statistics" | "staff" | "accounts" | "audit" | "corps" | "alerts" | "sendingRules" | "intake" | "sources" | "brand";
  icon: ReactNode;
}

export interface PageEntry {
  path: string;
  load: Load;
  /** What the account must be allowed to do; null: any account. */
  permission: string | null;
  menu?: MenuEntry;
}

/** Every page of the console. Its order is the menu's. */
export const pages: readonly PageEntry[] = [
  { path: "/", load: () => import("./today/Today"), permission: null, menu: { group: "workbench", name: "today", icon: <HomeOutlined aria-hidden /> } },
  { path: "/jobs", load: () => import("./jobs/Jobs"), permission: "jobs.read", menu: { group: "workbench", name: "jobs", icon: <UnorderedListOutlined aria-hidden /> } },
  { path: "/customers", load: () => import("./customers/Customers"), permission: "customers.read", menu: { group: "customers", name: "customers", icon: <TeamOutlined aria-hidden /> } },
  { path: "/customers/$id", load: () => import("./customers/Customer"), permission: "customers.read" },
  { path: "/segments", load: () => import("./segments/Segments"), permission: "segments.read", menu: { group: "customers", name: "segments", icon: <ClusterOutlined aria-hidden /> } },
  { path: "/segments/$id", load: () => import("./segments/Segment"), permission: "segments.read" },
  { path: "/groups", load: () => withWords("groups", import("./groups/Groups")), permission: "groups.read", menu: { group: "customers", name: "customerGroups", icon: <WechatWorkOutlined aria-hidden /> } },
  { path: "/groups/$id", load: () => withWords("groups", import("./groups/Group")), permission: "groups.read" },
  { path: "/tags", load: () => withWords("tags", import("./tags/Tags")), permission: "tags.read", menu: { group: "customers", name: "tags", icon: <TagsOutlined aria-hidden /> } },
  { path: "/markings", load: () => withWords("markings", import("./markings/Markings")), permission: "markings.write" },
  { path: "/markings/$id", load: () => withWords("markings", import("./markings/Marking")), permission: "markings.write" },
  { path: "/ways", load: () => withWords("ways", import("./ways/Ways")), permission: "ways.read", menu: { group: "customers", name: "ways", icon: <QrcodeOutlined aria-hidden /> } },
  { path: "/lifecycle", load: () => import("./measure/Lifecycle"), permission: "analysis.read", menu: { group: "customers", name: "lifecycle", icon: <FieldTimeOutlined aria-hidden /> } },
  { path: "/losses", load: () => withWords("losses", import("./contacts/Losses")), permission: "losses.read", menu: { group: "customers", name: "losses", icon: <UserDeleteOutlined aria-hidden /> } },
  { path: "/handovers", load: () => withWords("handovers", import("./handovers/Handovers")), permission: "handovers.read", menu: { group: "customers", name: "handovers", icon: <SwapOutlined aria-hidden /> } },
  { path: "/handovers/new", load: () => withWords("handovers", import("./handovers/NewHandover")), permission: "handovers.write" },
  { path: "/handovers/groups/new", load: () => withWords("handovers", import("./handovers/NewGroupHandover")), permission: "handovers.write" },
  { path: "/handovers/groups/$id", load: () => withWords("handovers", import("./handovers/GroupHandover")), permission: "handovers.read" },
  { path: "/handovers/$id", load: () => withWords("handovers", import("./handovers/Handover")), permission: "handovers.read" },
  { path: "/imports", load: () => import("./imports/Imports"), permission: "imports.read", menu: { group: "customers", name: "imports", icon: <ImportOutlined aria-hidden /> } },
  { path: "/imports/$id", load: () => import("./imports/Import"), permission: "imports.read" },
  { path: "/broadcasts", load: () => import("./broadcasts/Broadcasts"), permission: "broadcasts.read", menu: { group: "operation", name: "broadcasts", icon: <SendOutlined aria-hidden /> } },
  { path: "/broadcasts/new", load: () => import("./broadcasts/Wizard"), permission: "broadcasts.write" },
  { path: "/broadcasts/$id", load: () => import("./broadcasts/Broadcast"), permission: "broadcasts.read" },
  { path: "/welcomes", load: () => withWords("welcomes", import("./welcomes/Welcomes")), permission: "welcomes.read", menu: { group: "operation", name: "welcomes", icon: <SmileOutlined aria-hidden /> } },
  { path: "/published", load: () => withWords("published", import("./published/Published")), permission: "moments.read", menu: { group: "operation", name: "published", icon: <NotificationOutlined aria-hidden /> } },
  { path: "/orders", load: () => import("./orders/Orders"), permission: "orders.read", menu: { group: "trade", name: "orders", icon: <ShoppingOutlined aria-hidden /> } },
  { path: "/albums", load: () => withWords("albums", import("./albums/Albums")), permission: "albums.read", menu: { group: "trade", name: "albums", icon: <PictureOutlined aria-hidden /> } },
  { path: "/rfm", load: () => import("./measure/Rfm"), permission: "analysis.read", menu: { group: "analysis", name: "rfm", icon: <TableOutlined aria-hidden /> } },
  { path: "/retention", load: () => import("./measure/Retention"), permission: "analysis.read", menu: { group: "analysis", name: "retention", icon: <BarChartOutlined aria-hidden /> } },
  { path: "/settings/staff", load: () => withWords("staff", import("./access/Staff")), permission: "staff.read", menu: { group: "settings", name: "staff", icon: <ApartmentOutlined aria-hidden /> } },
  { path: "/statistics", load: () => withWords("statistics", import("./statistics/Statistics")), permission: "statistics.read", menu: { group: "analysis", name: "statistics", icon: <LineChartOutlined aria-hidden /> } },
  { path: "/settings/accounts", load: () => import("./access/Accounts"), permission: "accounts.read", menu: { group: "settings", name: "accounts", icon: <UserOutlined aria-hidden /> } },
  { path: "/settings/audit", load: () => import("./access/Audit"), permission: "audit.read", menu: { group: "settings", name: "audit", icon: <SafetyCertificateOutlined aria-hidden /> } },
  { path: "/settings/wecom", load: () => withWords("contacts", import("./contacts/Corps")), permission: "corps.read", menu: { group: "settings", name: "corps", icon: <ApiOutlined aria-hidden /> } },
  { path: "/settings/alerts", load: () => withWords("alerts", import("./alerts/Alerts")), permission: "alerts.read", menu: { group: "settings", name: "alerts", icon: <BellOutlined aria-hidden /> } },
  { path: "/settings/sending-rules", load: () => withWords("sending", import("./sending/SendingRules")), permission: "broadcasts.read", menu: { group: "settings", name: "sendingRules", icon: <ControlOutlined aria-hidden /> } },
  { path: "/settings/intake", load: () => withWords("intake", import("./intake/Intake")), permission: "intake.read", menu: { group: "settings", name: "intake", icon: <ThunderboltOutlined aria-hidden /> } },
  { path: "/settings/sources", load: () => import("./sources/Sources"), permission: "sources.manage", menu: { group: "settings", name: "sources", icon: <KeyOutlined aria-hidden /> } },
  { path: "/settings/brand", load: () => import("./access/Brand"), permission: "tenant.manage", menu: { group: "settings", name: "brand", icon: <SettingOutlined aria-hidden /> } },
  { path: "/account", load: () => import("./access/MyAccount"), permission: null },
];

/** The menu entry that an address belongs to: its own page's, or the one whose path leads to it. */
export function menuPathOf(pathname: string): string {
  const candidates = pages.filter((page) => page.menu && (page.path === pathname || (page.path !== "/" && pathname.startsWith(`${page.path}/`))));
  return candidates.sort((a, b) => b.path.length - a.path.length)[0]?.path ?? "";
}
