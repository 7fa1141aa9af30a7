// The one stream of changes that all tabs of a browser share.
//
// Here: who of the tabs holds the stream (the one that has the lock), how the others hear of it (a channel), and when it
// is let go: once no tab has been looked at for a minute. Not here: what becomes of the messages.

const hiddenMs = 60_000;
const tellMs = 20_000;
const retryMs = { least: 1_000, most: 15_000 };
const kinds = ["snapshot", "delta", "cluster", "notice", "bookmark", "resync", "bye", "lease"];

// Calls hear({kind, data}) with every message, and hear({kind: "open"}) or hear({kind: "closed"}) as the stream comes
// and goes. `since` is the revision of what the page shows already.
export function listen(url, since, hear) {
  const name = `peerage ${url}`;
  const channel = new BroadcastChannel(name);
  const tell = (message) => {
    hear(message);
    channel.postMessage(message);
  };
  const leader = lead(url, since, tell);

  channel.onmessage = ({ data }) => {
    if (data.kind === "seen") leader.seen();
    else if (data.kind === "who") leader.introduce();
    else hear(data);
  };
  const seen = () => {
    if (document.hidden) return;
    leader.seen();
    channel.postMessage({ kind: "seen" });
  };
  document.addEventListener("visibilitychange", seen);
  setInterval(seen, tellMs);
  channel.postMessage({ kind: "who" });

  // Held for as long as this tab lives; the next one in line takes over then.
  navigator.locks.request(name, () => {
    leader.start();
    return new Promise(() => {});
  });
}

// Whoever holds the lock opens the stream; in the other tabs this waits.
function lead(url, since, tell) {
  let source = null;
  let leading = false;
  let open = false;
  let resting = false;
  let seenAt = Date.now();
  let place = since;
  let wait = retryMs.least;
  let again = 0;

  const close = () => {
    clearTimeout(again);
    source?.close();
    source = null;
    open = false;
  };
  const retry = (ms) => {
    close();
    tell({ kind: "closed" });
    again = setTimeout(connect, ms * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, retryMs.most);
  };
  const connect = () => {
    close();
    source = new EventSource(place ? `${url}${url.includes("?") ? "&" : "?"}since=${place}` : url);
    source.onopen = () => {
      open = true;
      wait = retryMs.least;
      tell({ kind: "open" });
    };
    source.onerror = () => retry(wait);
    for (const kind of kinds) {
      source.addEventListener(kind, (event) => {
        if (event.lastEventId) place = event.lastEventId;
        const data = JSON.parse(event.data);
        tell({ kind, data });
        if (kind === "bye") retry(data.retry_ms ?? retryMs.least);
      });
    }
  };
  const rest = () => {
    if (document.hidden && Date.now() - seenAt > hiddenMs) {
      resting = true;
      close();
    }
    setTimeout(rest, tellMs);
  };

  return {
    start() {
      leading = true;
      seenAt = Date.now();
      connect();
      rest();
    },
    seen() {
      seenAt = Date.now();
      if (!resting) return;
      resting = false;
      connect();
    },
    introduce() {
      if (leading) tell({ kind: open ? "open" : "closed" });
    },
  };
}
