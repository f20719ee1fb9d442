import { showNotice } from "@/shared/notice";

showNotice({
  zh: {
    title: "聊天侧边栏还没有上线",
    text: "这里将给导购看客户画像、话术和今日待办。现在请在电脑上的控制台查看客户;群发的确认在企业微信里完成。",
    action: { label: "打开控制台", href: "/customers" },
  },
  en: {
    title: "The chat sidebar is not here yet",
    text: "It will show guides the customer's profile, scripts and tasks of the day. For now customers are in the console on a computer; broadcasts are confirmed in WeCom.",
    action: { label: "Open the console", href: "/customers" },
  },
});
