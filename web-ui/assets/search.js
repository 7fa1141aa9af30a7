// Says what is wrong with a query while it is typed, and where. Loaded when somebody begins to search.

import { Mistake, parse } from "./query.js";

const hint = "zone:a status:down meta.version:1.* -app:test* renewed:>1m · ? for more";

export function attend(field, says) {
  const look = () => says.replaceChildren(...told(field.value));
  field.addEventListener("input", look);
  field.addEventListener("focus", look);
  field.addEventListener("blur", () => says.replaceChildren());
  if (field === document.activeElement) look();
}

function told(text) {
  if (!text.trim()) return [hint];
  try {
    parse(text);
    return [];
  } catch (mistake) {
    if (!(mistake instanceof Mistake)) throw mistake;
    return mistaken(text, mistake);
  }
}

function mistaken(text, { message, position, length, suggestion }) {
  const chars = [...text];
  const part = (from, to) => chars.slice(from, to).join("");
  const mark = document.createElement("mark");
  mark.textContent = part(position, position + length) || "⟨here⟩";
  const meant = suggestion ? `; did you mean ${suggestion}?` : "";
  return [`${message}${meant} `, part(0, position), mark, part(position + length)];
}
