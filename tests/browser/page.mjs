// A page: going somewhere, looking, pressing, typing; and what the browser said of it meanwhile.
//
// What must always hold: whatever is waited for is waited for patiently, and who waits in vain is told for what.

import { writeFileSync } from "node:fs";

const patienceMs = 40_000;
const lookEveryMs = 40;
const height = { wide: 900, narrow: 740 };

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export class Page {
  // Errors on the console, exceptions, refused files.
  problems = [];
  // Everything it asked for: { url, bytes, status }.
  requests = new Map();
  #loaded = () => {};

  constructor({ browser, session, target, context, look }) {
    Object.assign(this, { browser, session, target, context });
    this.look = { width: 1280, dark: false, scripts: true, ...look };
  }

  ask(method, params) {
    return this.browser.ask(method, params, this.session);
  }

  async begin() {
    const { width, dark, scripts } = this.look;
    await Promise.all(["Page", "Runtime", "Network", "Log"].map((domain) => this.ask(`${domain}.enable`)));
    const size = { width, height: width < 600 ? height.narrow : height.wide, deviceScaleFactor: 1, mobile: false };
    await this.ask("Emulation.setDeviceMetricsOverride", size);
    const features = [
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ];
    await this.ask("Emulation.setEmulatedMedia", { features });
    // Every page believes to be looked at, though another one is in front.
    await this.ask("Emulation.setFocusEmulationEnabled", { enabled: true });
    if (!scripts) await this.ask("Emulation.setScriptExecutionDisabled", { value: true });
  }

  hear(method, params) {
    switch (method) {
      case "Page.loadEventFired": return this.#loaded();
      case "Runtime.exceptionThrown": return this.problems.push(thrown(params.exceptionDetails));
      case "Runtime.consoleAPICalled":
        if (params.type === "error") this.problems.push(params.args.map((arg) => arg.value ?? arg.description).join(" "));
        return undefined;
      case "Log.entryAdded":
        if (params.entry.level === "error") this.problems.push(`${params.entry.text} ${params.entry.url ?? ""}`);
        return undefined;
      case "Network.requestWillBeSent":
        return this.requests.set(params.requestId, { url: params.request.url, bytes: 0 });
      case "Network.responseReceived":
        return Object.assign(this.requests.get(params.requestId) ?? {}, { status: params.response.status });
      case "Network.loadingFinished":
        return Object.assign(this.requests.get(params.requestId) ?? {}, { bytes: params.encodedDataLength });
      default: return undefined;
    }
  }

  // ---- Going somewhere

  async go(url) {
    await this.landing(async () => {
      const { errorText } = await this.ask("Page.navigate", { url });
      if (errorText) throw new Error(`${url}: ${errorText}`);
    });
  }

  // Does what leads to another page, and waits until that is there.
  async landing(act) {
    const loaded = new Promise((done) => (this.#loaded = done));
    await act();
    const late = AbortSignal.timeout(patienceMs);
    const given = new Promise((_, fail) => late.addEventListener("abort", () => fail(new Error("no page came"))));
    await Promise.race([loaded, given]);
  }

  // ---- Looking

  // What a function answers that runs in the page.
  async eval(code, ...given) {
    const expression = typeof code === "function" ? `(${code})(${given.map((value) => JSON.stringify(value)).join(",")})` : code;
    const asked = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.ask("Runtime.evaluate", asked);
    if (exceptionDetails) throw new Error(thrown(exceptionDetails));
    return result.value;
  }

  // Waits until a function that runs in the page answers something, and answers that. Pages may be replaced meanwhile.
  async until(what, code, ...given) {
    const end = Date.now() + patienceMs;
    for (;;) {
      const said = await this.eval(code, ...given).catch(() => null);
      if (said) return said;
      if (Date.now() > end) throw new Error(`waited in vain until ${what}; the page is ${await this.where()}`);
      await sleep(lookEveryMs);
    }
  }

  // Waits until the page says this somewhere.
  says(text, within = "body") {
    const said = (text, within) => {
      const words = (element) => element.textContent.replace(/\s+/g, " ");
      return [...document.querySelectorAll(within)].some((element) => words(element).includes(text));
    };
    return this.until(`${within} says “${text}”`, said, text, within);
  }

  text(selector) {
    return this.eval((selector) => document.querySelector(selector)?.textContent.replace(/\s+/g, " ").trim() ?? null, selector);
  }

  count(selector) {
    return this.eval((selector) => document.querySelectorAll(selector).length, selector);
  }

  where() {
    return this.eval(() => `${location.href}: ${document.querySelector("main")?.innerText.replace(/\s+/g, " ").slice(0, 300)}`).catch((error) => String(error));
  }

  async picture(file, whole = false) {
    const asked = { format: "png", captureBeyondViewport: whole };
    if (whole) {
      const { cssContentSize } = await this.ask("Page.getLayoutMetrics");
      asked.clip = { ...cssContentSize, scale: 1 };
    }
    const { data } = await this.ask("Page.captureScreenshot", asked);
    writeFileSync(file, Buffer.from(data, "base64"));
  }

  // ---- Pressing and typing

  // Presses the first visible thing that a selector finds, or a text that links, buttons and labels bear.
  async press(what, within = "body") {
    const place = await this.until(`there is “${what}” to press`, spot, what, within);
    const at = { ...place, button: "left", clickCount: 1 };
    for (const type of ["mouseMoved", "mousePressed", "mouseReleased"]) await this.ask("Input.dispatchMouseEvent", { ...at, type });
  }

  // The same, where it leads to another page.
  follow(what, within) {
    return this.landing(() => this.press(what, within));
  }

  // Puts a text into a field, as if typed at once.
  async fill(selector, text) {
    await this.until(`there is a field ${selector}`, (selector) => {
      const field = [...document.querySelectorAll(selector)].find((field) => field.checkVisibility());
      field?.focus();
      field?.select();
      return Boolean(field);
    }, selector);
    await this.ask("Input.insertText", { text });
  }

  choose(selector, value) {
    return this.eval((selector, value) => {
      const list = document.querySelector(selector);
      list.value = value;
      list.dispatchEvent(new Event("change", { bubbles: true }));
    }, selector, value);
  }

  // Presses keys one after the other: names like Enter, or characters.
  async keys(...all) {
    for (const key of all) {
      const known = { Enter: ["\r", 13], Tab: ["", 9], Escape: ["", 27], " ": [" ", 32], ArrowDown: ["", 40], Backspace: ["", 8] }[key];
      const [text, code] = known ?? [key, key.toUpperCase().charCodeAt(0)];
      const asked = { key, text, code: known ? key : undefined, windowsVirtualKeyCode: code };
      await this.ask("Input.dispatchKeyEvent", { ...asked, type: text ? "keyDown" : "rawKeyDown" });
      await this.ask("Input.dispatchKeyEvent", { ...asked, type: "keyUp" });
    }
  }

  async close() {
    await this.browser.ask("Target.closeTarget", { targetId: this.target });
  }
}

// Runs in the page: the middle of what is to be pressed.
function spot(what, within) {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const words = (element) => (element.textContent || element.value || "").replace(/\s+/g, " ").trim();
  const named = () => {
    const all = [...document.querySelectorAll(`${within} :is(a, button, summary, label)`)].filter(shown);
    return all.find((element) => words(element) === what) ?? all.find((element) => words(element).includes(what));
  };
  const found = /^[#.[]|^[a-z]+[#.[]/.test(what)
    ? [...document.querySelectorAll(what)].find(shown)
    : named();
  if (!found) return null;
  found.scrollIntoView({ block: "center", behavior: "instant" });
  const { left, top, width, height } = found.getClientRects()[0];
  const at = { x: left + width / 2, y: top + height / 2 };
  const hit = document.elementFromPoint(at.x, at.y);
  return hit && (found.contains(hit) || hit.contains(found)) ? at : null;
}

const thrown = ({ exception, text, url = "", lineNumber = "" }) => `${exception?.description ?? text} ${url}:${lineNumber}`;
