import { theme, type ThemeConfig } from "antd";

const fontFamily = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", system-ui, sans-serif';

/** Colours measured against their own background to at least 4.5 : 1. */
const light = {
  colorPrimary: "#0958d9",
  colorInfo: "#0958d9",
  colorLink: "#0958d9",
  colorSuccess: "#237804",
  colorWarning: "#ad4e00",
  colorError: "#cf1322",
  colorTextPlaceholder: "rgba(0,0,0,.58)",
  colorTextTertiary: "rgba(0,0,0,.62)",
  colorTextDescription: "rgba(0,0,0,.62)",
  colorSuccessBg: "#f6ffed",
  colorErrorBg: "#fff2f0",
  colorWarningBg: "#fff7e6",
  colorInfoBg: "#e6f4ff",
  colorBgLayout: "#f4f6f9",
};

const dark = {
  colorPrimary: "#3c89e8",
  colorInfo: "#65a9f3",
  colorLink: "#65a9f3",
  colorSuccess: "#6abe39",
  colorWarning: "#e8b339",
  colorError: "#f37370",
  colorTextPlaceholder: "rgba(255,255,255,.55)",
  colorTextTertiary: "rgba(255,255,255,.62)",
  colorTextDescription: "rgba(255,255,255,.62)",
  colorBgLayout: "#0b0d10",
  colorBgContainer: "#15181d",
  colorBgElevated: "#1d2127",
};

/** `isTouched`: on a phone, where whatever a finger meets is 44 px high. `isStill`: nothing moves. */
export function themeOf({ isDark, isTouched, isStill }: { isDark: boolean; isTouched: boolean; isStill: boolean }): ThemeConfig {
  return {
    algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    cssVar: { key: "siyu" },
    hashed: false,
    token: { fontFamily, borderRadius: 6, motion: !isStill, ...(isTouched ? { controlHeight: 44, controlHeightSM: 44 } : {}), ...(isDark ? dark : light) },
    components: {
      Layout: { headerBg: isDark ? "#15181d" : "#ffffff", siderBg: isDark ? "#15181d" : "#ffffff", headerHeight: 52, headerPadding: "0 16px" },
      Menu: {
        itemHeight: isTouched ? 44 : 36,
        itemBorderRadius: 6,
        activeBarBorderWidth: 0,
        itemBg: "transparent",
        subMenuItemBg: "transparent",
        groupTitleColor: isDark ? "rgba(255,255,255,.62)" : "rgba(0,0,0,.62)",
        groupTitleFontSize: 12,
        ...(isDark ? { itemSelectedColor: "#b7dcfa" } : {}),
      },
      Table: { cellPaddingBlock: 10, headerSplitColor: "transparent" },
      Statistic: { titleFontSize: 13 },
      Card: { bodyPadding: 20, headerHeight: 48 },
      ...(isDark ? { Tabs: { itemSelectedColor: "#65a9f3", itemActiveColor: "#65a9f3", itemHoverColor: "#65a9f3" } } : {}),
      ...(isDark ? { Button: { primaryColor: "#000000" } } : {}),
    },
  };
}

/** Tint of the primary colour for a share of 0–1, as cohort and RFM tables paint their cells: 4–50 %, so that the words on it stay readable. */
export function tint(share: number): string {
  const alpha = 0.04 + 0.46 * Math.min(1, Math.max(0, share));
  return `rgba(var(--siyu-primary), ${alpha.toFixed(3)})`;
}
