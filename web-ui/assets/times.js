// Times as people say them, with the words of the server, and the same words as time goes on.

// A duration in one or two words.
export function long(ms) {
  const secs = Math.floor(Math.max(0, ms) / 1000);
  const mins = Math.floor(secs / 60);
  const hours = Math.floor(secs / 3600);
  if (secs < 120) return `${secs} s`;
  if (secs < 7200) return `${mins} min`;
  if (secs < 172_800) return mins % 60 ? `${hours} h ${mins % 60} min` : `${hours} h`;
  return `${Math.floor(secs / 86_400)} d`;
}

// How far something is from now: before it, or still to come.
export function words(apart) {
  if (Math.abs(apart) < 1000) return "just now";
  return apart < 0 ? `in ${long(-apart)}` : `${long(apart)} ago`;
}

// Brings all times of the page up to now; `offset` is how far the server's clock is ahead.
export function tick(offset) {
  const now = Date.now() + offset;
  for (const time of document.querySelectorAll("time[data-ago], time[data-in]")) {
    const said = words(now - Date.parse(time.dateTime));
    if (time.textContent !== said) time.textContent = said;
  }
}
