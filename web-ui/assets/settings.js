// The switch for single keys. It is kept by this browser, where keys.js looks for it.

const switchedOff = "peerage-keys-off";
const box = document.getElementById("keys-on");

box.checked = !localStorage.getItem(switchedOff);
box.addEventListener("change", () => {
  if (box.checked) localStorage.removeItem(switchedOff);
  else localStorage.setItem(switchedOff, "yes");
});
