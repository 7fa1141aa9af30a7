// Pictures for the README, of a night that is not quite well: taken always, kept where --pictures says.

import { join } from "node:path";

import { send } from "../servers.mjs";

const zones = ["zone-0", "zone-1", "zone-2"];
const apps = ["BASKET", "CATALOG", "ORDERS", "PAYMENTS", "PRICES", "SEARCH", "STOCK", "USERS"];
const views = {
  overview: { path: "", look: {}, shows: "All leases of this server are protected" },
  instance: { path: "instances/ORDERS/orders-zone-2-silent", look: {}, shows: "protected_" },
  zones: { path: "zones?lose=zone-0", look: { dark: true }, shows: "Without zone-0" },
};

// Payments are down in one zone, one instance is drained, and four are not heard any more.
async function night(stage) {
  const { servers } = await stage.cluster(3);
  const name = (app, zone, n) => `${app.toLowerCase()}-${zone}-${n}`;
  const down = (app, zone) => (app === "PAYMENTS" && zone === "zone-1" ? "DOWN" : "UP");
  const all = apps.flatMap((app, a) => zones.flatMap((zone) => [1, 2, 3].slice(a % 2).map((n) => [app, name(app, zone, n), { zone, status: down(app, zone), metadata: { version: `1.${n}` } }])));
  await Promise.all(servers.map((server, at) => server.registerAll(all.filter((_, n) => n % 3 === at))));
  const silent = Array.from({ length: 6 }, (_, n) => ["ORDERS", n ? `orders-zone-2-lost-${n}` : "orders-zone-2-silent", { zone: "zone-2", interval: 1, duration: 3 }]);
  await servers[0].registerAll(silent);
  await send("PUT", `${servers[0].url}/api/v1/instances/STOCK/stock-zone-0-2/override`, JSON.stringify({ status: "OUT_OF_SERVICE", by: "ann", reason: "new disk" }));
  await stage.until("the silent ones are held", async () => JSON.parse((await servers[0].get("/api/v1/protection")).text).guards.some((guard) => guard.held === 6));
  return servers[0];
}

const taken = {
  name: "pictures are taken",
  looks: [{}],
  async play(stage) {
    const server = await night(stage);
    for (const [name, { path, look, shows }] of Object.entries(views)) {
      const page = await stage.page(look);
      await page.go(`${server.url}/${path}`);
      await page.says("live", "#live");
      await page.says(shows, "main");
      await page.picture(join(stage.house.pictures ?? stage.house.work, `${name}.png`));
    }
  },
};

export const pictures = [taken];
