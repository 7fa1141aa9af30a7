// Every page, in every look: complete, accessible, small, of its own origin alone, and as wide as the window.

// What a first load may cost: bytes as they travel, and requests, the stream among them.
const bytesMax = 45_000;
const requestsMax = 10;

const pages = [
  "", "?lose=zone-b", "services", "services?query=zone:zone-a&sort=name", "services?query=zon:a", "services/SERVICE",
  "services/SERVICE?view=metadata", "services/SERVICE?view=timeline", "zones", "zones?lose=zone-a", "instances",
  "instances?query=zone:zone-a&group_by=status", "instances?query=zon:a", "instances/SERVICE/ID", "instances/NOBODY/none",
  "cluster", "events", "events?kind=registered", "settings", "connect", "connect?client=go", "help",
  "drains",
];

const looks = [360, 1280].flatMap((width) => [false, true].map((dark) => ({ width, dark })));

// The addresses of all pages, of a service and an instance that the demo has.
async function addresses(demo) {
  const list = await (await fetch(`${demo.url}/api/v1/instances?limit=1`)).json();
  const { app, id } = list.instances[0];
  return pages.map((page) => `${demo.url}/${page.replace("SERVICE", encodeURIComponent(app)).replace("ID", encodeURIComponent(id))}`);
}

const everyPage = {
  name: "every page is accessible and fits",
  looks,
  async play(stage) {
    const demo = await stage.house.demo();
    const page = await stage.page();
    page.expects = /status of 404/;
    for (const address of await addresses(demo)) {
      await page.go(address);
      await stage.accessible(page);
      const wide = await page.eval(() => document.documentElement.scrollWidth);
      stage.check(wide <= stage.look.width, `${address} is ${wide} pixels wide`);
    }
  },
};

const cheap = {
  name: "a first load is small",
  looks: [{}],
  async play(stage) {
    const demo = await stage.house.demo();
    for (const address of await addresses(demo)) {
      const page = await stage.page();
      page.expects = /status of 404/;
      await page.go(address);
      await page.says("live", "#live");
      const asked = [...page.requests.values()];
      const bytes = asked.reduce((sum, { bytes }) => sum + bytes, 0);
      stage.check(asked.length <= requestsMax, `${address}: ${asked.length} requests`);
      stage.check(bytes <= bytesMax, `${address}: ${bytes} bytes`);
      await page.close();
    }
  },
};

export const tour = [everyPage, cheap];
