"use strict";
// Segment's own SDK for Node, unchanged: says a few things of every kind to the address and with the key that it is given.
const { Analytics } = require("@segment/analytics-node");

const [host, writeKey] = process.argv.slice(2);
const analytics = new Analytics({ writeKey, host, flushAt: 20, maxRetries: 5 });
const trouble = [];
analytics.on("error", (error) => trouble.push(String(error.reason || error.code)));
analytics.identify({ userId: "u1", anonymousId: "device", traits: { phone: "13800138000" } });
analytics.alias({ userId: "u1", previousId: "before" });
analytics.group({ userId: "u1", groupId: "family" });
analytics.page({ userId: "u1", name: "首页" });
analytics.screen({ userId: "u1", name: "购物车" });
for (let n = 0; n < 230; n++) analytics.track({ userId: "u1", event: "Order Completed", properties: { n, total: 12.5 } });
analytics.closeAndFlush({ timeout: 60000 }).then(() => {
  console.log(JSON.stringify(trouble));
  process.exit(trouble.length ? 1 : 0);
});
