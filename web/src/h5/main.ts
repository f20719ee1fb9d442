import { showNotice } from "@/shared/notice";

showNotice({
  zh: { title: "会员中心还没有开放", text: "这里将是会员的等级、积分、优惠券和隐私设置。现在有任何需要,请直接在微信里联系您的专属顾问。" },
  en: { title: "The member centre is not open yet", text: "It will hold your level, points, coupons and privacy choices. Until then please write to your adviser in WeChat." },
});
