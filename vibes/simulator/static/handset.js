// Keeps the page live. The simulator's stream says that something happened and to which
// number; the parts that show it are then fetched and merged. Without the stream the page
// looks by itself every two seconds.

import { localise, merge, tick } from "./merge.js";

const KINDS = [
  "message.in", "message.out", "message.matched", "handset", "clock", "reset",
  "callback.delivered", "callback.queued", "callback.failed",
];
const LOOK_MS = 2000;
const AGAIN_MS = 5000;
const chosen = document.body.dataset.mdn;
const title = document.title;

class Live {
  constructor(address, pause) {
    Object.assign(this, { address, pause, busy: false, again: false, tag: "" });
  }

  // At once, or right after the look that is under way: never two, and never too often.
  async refresh() {
    if (this.busy) return void (this.again = true);
    this.busy = true;
    await this.look().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, this.pause));
    this.busy = false;
    if (this.again) {
      this.again = false;
      this.refresh();
    }
  }

  async look() {
    const answer = await fetch(this.address, { headers: { "If-None-Match": this.tag }, cache: "no-store" });
    if (answer.status !== 200) return;
    this.tag = answer.headers.get("ETag");
    merge(await answer.text());
    show();
  }
}

const phone = chosen && new Live(`/_sim/page/conversation?${new URLSearchParams({ mdn: chosen })}`, 60);
const numbers = new Live("", 400);
const both = () => [phone, numbers].forEach((part) => part?.refresh());

function find(typed) {
  numbers.address = `/_sim/page/numbers?${new URLSearchParams({ q: typed, mdn: chosen ?? "" })}`;
}

// The stream

let stream;

function follow() {
  stream?.close();
  stream = new EventSource("/_sim/stream");
  stream.onopen = () => { both(); show(); };
  stream.onerror = () => {
    show();
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => document.hidden || follow(), AGAIN_MS);
  };
  KINDS.forEach((kind) => stream.addEventListener(kind, hear));
}

function hear(event) {
  const { mdn } = JSON.parse(event.data);
  if (mdn === null || mdn === chosen) phone?.refresh();
  if (!event.type.startsWith("callback.")) numbers.refresh();
}

const isFollowing = () => stream?.readyState === EventSource.OPEN;

// A browser opens few connections to one place: pages that nobody looks at give theirs back.
document.addEventListener("visibilitychange", () => (document.hidden ? stream.close() : follow()));
addEventListener("pagehide", () => stream.close());
addEventListener("pageshow", (event) => event.persisted && follow());
setInterval(() => document.hidden || isFollowing() || both(), LOOK_MS);

// What is shown

let said = document.querySelector("[data-after]")?.dataset.after;

function show() {
  const live = document.getElementById("live");
  live.hidden = false;
  live.dataset.state = isFollowing() ? "live" : "looking";
  live.textContent = isFollowing() ? "Live" : "Looking every 2 s";
  const unread = Number(document.getElementById("numbers").dataset.unread);
  document.title = unread ? `(${unread}) ${title}` : title;
  say(document.querySelector("[data-after]"));
}

function say(after) {
  if (!after || after.dataset.after === said) return;
  said = after.dataset.after;
  const parts = [...after.querySelectorAll(".sentence, .joined, .left")];
  document.getElementById("say").textContent = parts.map((part) => part.textContent).join(" ");
}

// What people do

document.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-send]")) return;
  event.preventDefault();
  const form = event.target;
  const body = new FormData(form, event.submitter);
  const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => null);
  const done = answer?.type === "opaqueredirect";
  const trouble = document.getElementById("trouble");
  trouble.hidden = done;
  trouble.textContent = done ? "" : "Not sent: the simulator did not take it. Reload the page and try again.";
  if (done && form.elements.text?.value === body.get("text")) form.reset();
  both();
});

const search = document.getElementById("q");
search.addEventListener("input", () => { find(search.value); numbers.refresh(); });

document.querySelector("nav.numbers").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const stops = [search, ...document.querySelectorAll("#numbers a")];
  stops[stops.indexOf(document.activeElement) + step]?.focus();
  event.preventDefault();
});

find(search.value);
localise(document);
tick();
setInterval(tick, 5000);
follow();
const log = document.getElementById("log");
if (log) log.scrollTop = log.scrollHeight;
if (chosen && matchMedia("(hover: hover) and (pointer: fine)").matches) document.getElementById("text").focus();
