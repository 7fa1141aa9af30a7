// The line of a lease goes on between two answers of the server.

let drawn, since;

setInterval(() => {
  const line = document.querySelector("svg.lease");
  if (!line || document.hidden || document.documentElement.hasAttribute("data-stale")) return;
  const { heard, now, end } = line.dataset;
  if (drawn !== now) [drawn, since] = [now, performance.now()];
  const at = Number(now) + performance.now() - since;
  const place = `${Math.min(100, ((at - heard) * 100) / (end - heard)).toFixed(2)}%`;
  line.querySelector(".past").setAttribute("width", place);
  for (const end of ["x1", "x2"]) line.querySelector(".now").setAttribute(end, place);
}, 1000);
