// Keeps the page live without reloading it. Every [data-poll] part asks for itself
// again; new messages are appended, so that a screen reader speaks only those.

const tags = new Map();

async function refresh(part) {
  const headers = tags.has(part.id) ? { "If-None-Match": tags.get(part.id) } : {};
  const answer = await fetch(part.dataset.address ?? part.dataset.poll, { headers, cache: "no-store" });
  if (answer.status !== 200) return;
  tags.set(part.id, answer.headers.get("ETag"));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(part.id);
  if (part.id === "conversation") mergeConversation(part, fresh);
  else replaceKeepingFocus(part, fresh);
}

function mergeConversation(part, fresh) {
  replaceKeepingFocus(part.querySelector("#bar"), fresh.querySelector("#bar"));
  if (!fresh.querySelector(".silence")) part.querySelector(".silence")?.remove();
  const log = part.querySelector("#log");
  const wasAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const known = new Set([...log.children].map((line) => line.id));
  for (const line of fresh.querySelectorAll("#log > .line")) {
    if (known.has(line.id)) continue;
    line.classList.add("fresh");
    log.append(line);
  }
  localise(log);
  if (wasAtEnd) log.scrollTop = log.scrollHeight;
}

// Only what differs is replaced, so that nobody's focus or half-made click is lost.
function replaceKeepingFocus(old, fresh) {
  if (old.innerHTML === fresh.innerHTML) return;
  const focused = [...old.querySelectorAll("a, button")].indexOf(document.activeElement);
  old.replaceChildren(...fresh.childNodes);
  if (focused >= 0) old.querySelectorAll("a, button")[focused]?.focus();
}

function localise(root) {
  for (const time of root.querySelectorAll("time:not([data-local])")) {
    const at = new Date(time.dateTime);
    time.textContent = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    time.title = at.toLocaleString();
    time.dataset.local = "";
  }
}

async function keepFresh(part) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, Number(part.dataset.every)));
    if (!document.hidden) await refresh(part).catch(() => {});
  }
}

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-send]")) return;
  event.preventDefault();
  const form = event.target;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form, event.submitter) });
  if (!answer.ok) return location.reload();
  form.querySelector("[name=text]:not(button)")?.form.reset();
  document.querySelectorAll("[data-poll]").forEach((part) => refresh(part));
});

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-search]")) return;
  const chosen = new URLSearchParams(location.search).get("mdn") ?? "";
  const part = document.getElementById("numbers");
  const wanted = new URLSearchParams({ q: event.target.value, mdn: chosen });
  part.dataset.address = `${event.target.dataset.search}?${wanted}`;
  refresh(part);
});

const numbers = document.getElementById("numbers");
numbers.dataset.address = `${numbers.dataset.poll}${location.search}`;
document.querySelectorAll("[data-poll]").forEach(keepFresh);
const log = document.getElementById("log");
if (log) {
  localise(log);
  log.scrollTop = log.scrollHeight;
}
