// Puts freshly rendered parts where the old ones are. Only what differs is replaced, so that
// focus, scroll, open details and a half-made click are kept; messages are only ever appended,
// so that a screen reader speaks just the new ones.

export function merge(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const before = ahead();
  for (const fresh of page.querySelectorAll("[data-part]")) {
    const old = document.getElementById(fresh.id);
    if (old) (fresh.dataset.part === "log" ? mergeLog : replace)(old, fresh);
  }
  if (ahead() !== before) localiseAnew();
  tick();
}

function replace(old, fresh) {
  localise(fresh);
  for (const one of old.querySelectorAll("details[open][data-key]")) {
    fresh.querySelector(`[data-key="${one.dataset.key}"]`)?.setAttribute("open", "");
  }
  if (blank(old) === blank(fresh)) return;
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = [...controls(old)].indexOf(focused);
  const scroll = old.scrollTop;
  old.replaceWith(fresh);
  fresh.scrollTop = scroll;
  if (focused) (twin(fresh, focused) ?? controls(fresh)[place])?.focus();
}

function mergeLog(log, fresh) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const wanted = new Set([...fresh.children].map((line) => line.id));
  for (const line of [...log.children]) if (!wanted.has(line.id)) line.remove();
  for (const line of [...fresh.children]) {
    if (document.getElementById(line.id)) continue;
    line.classList.add("fresh");
    log.append(line);
  }
  localise(log);
  if (atEnd) log.scrollTop = log.scrollHeight;
}

const controls = (part) => part.querySelectorAll("a, button, summary, input");
const name = (one) => one.getAttribute("href") ?? one.closest("[data-key]")?.dataset.key ?? one.value;
const twin = (part, one) => [...controls(part)].find((other) => name(other) === name(one));
// The page's own clock ticks between two looks; that alone is no difference.
const blank = (part) => part.outerHTML.replace(/(<time[^>]*data-(?:now|watch)[^>]*>)[^<]*/g, "$1");

const TIME = { hour: "2-digit", minute: "2-digit" };
const DAY = { weekday: "short", day: "numeric", month: "short" };

// How many seconds the simulator's clock is ahead.
const ahead = () => Number(document.getElementById("clock")?.dataset.offset ?? 0);

export function now() {
  return new Date(Date.now() + ahead() * 1000);
}

// Times as they are here; with their day when that is not today, or where it is short just that.
export function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([data-local], [data-now])")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === now().toDateString();
    const long = "short" in time.dataset ? DAY : { ...DAY, ...TIME };
    time.textContent = at.toLocaleString([], today ? TIME : long);
    time.title = at.toLocaleString();
    time.dataset.local = "";
  }
}

// What was today may be so no more.
function localiseAnew() {
  for (const time of document.querySelectorAll("[data-local]")) delete time.dataset.local;
  localise(document);
}

export function tick() {
  for (const time of document.querySelectorAll("[data-watch]")) time.textContent = now().toLocaleTimeString([], TIME);
  for (const time of document.querySelectorAll("[data-now]")) time.textContent = now().toLocaleString([], { ...DAY, ...TIME });
}
