// What is typed into a card while an answer about it is under way is kept: it is carried over into the card that comes,
// and sent again. No card is exchanged under a pressed mouse button, which would lose the click, nor while somebody types
// the name of a choice into a menu: the browser would take the rest of the word for a new one, and choose another. And what
// was not sent yet when the page is left goes on its own.
(() => {
  let pressed = null;
  let answered = null; // what asked for the answer that is put in place now
  let carried = [];
  let unsent = null;
  let spelt = { menu: null, at: 0 };
  const WORD = 1100; // ms: browsers begin a new word after a second without a key
  const fields = (root) => [...root.querySelectorAll("input:is([type=text], [type=number], [type=date], [type=search], :not([type]))[name], textarea[name]")];
  const sent = (detail, name) => (detail.requestConfig.formData ?? new FormData()).get(name);
  const newer = (detail) =>
    fields(detail.target).filter((field) => sent(detail, field.name) !== null && sent(detail, field.name) !== field.value);
  const keep = (field) => ({
    name: field.name,
    value: field.value,
    at: document.activeElement === field && field.selectionStart,
    hasFocus: document.activeElement === field,
  });
  addEventListener("pointerdown", ({ target }) => (pressed = target), true);
  for (const event of ["pointerup", "pointercancel", "dragend"]) {
    addEventListener(event, () => setTimeout(() => (pressed = null)), true);
  }
  addEventListener(
    "keydown",
    ({ target, key, ctrlKey, metaKey, altKey }) => {
      if (target.matches?.("select") && key.length === 1 && !ctrlKey && !metaKey && !altKey) spelt = { menu: target, at: Date.now() };
    },
    true,
  );
  document.addEventListener("input", ({ target }) => {
    if (target.name && target.form?.matches("#draft")) unsent = target.form;
  });
  document.addEventListener("htmx:beforeSend", ({ detail }) => {
    if (detail.requestConfig.verb !== "get") unsent = null;
  });
  const send = (event) => {
    const form = unsent?.isConnected && unsent;
    unsent = null;
    if (!form || navigator.sendBeacon(form.getAttribute("action"), new FormData(form))) return;
    // Browsers let go of 64 KB at most in that way: ask whether to leave, and send it meanwhile.
    event.preventDefault();
    fetch(form.getAttribute("action"), { method: "POST", body: new FormData(form) });
  };
  addEventListener("beforeunload", send);
  addEventListener("pagehide", send);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { target, requestConfig } = detail;
    answered = requestConfig.elt;
    if (!target.isConnected) return void (detail.shouldSwap = false); // it was redrawn meanwhile
    if (requestConfig.verb === "get" || !target.closest?.("[data-autosave]")) return;
    const isCard = target.matches("[data-card]");
    if (isCard && pressed && target.contains(pressed)) {
      detail.shouldSwap = false;
      addEventListener("pointerup", () => setTimeout(() => target.isConnected && htmx.trigger(target, "redraw"), 300), { once: true });
      return;
    }
    const rest = WORD - (Date.now() - spelt.at);
    if (isCard && rest > 0 && target.contains(spelt.menu)) {
      detail.shouldSwap = false;
      setTimeout(() => target.isConnected && htmx.trigger(target, "redraw"), rest);
      return;
    }
    carried = newer(detail).map(keep);
  });
  // Nor what is beside the cards while one of its buttons is pressed or waits for an answer of its own: that draws it anew,
  // and where the button is gone by then it would find nothing to draw.
  document.addEventListener("htmx:oobBeforeSwap", ({ detail: { target }, detail }) => {
    const waiting = target.querySelector("form.htmx-request");
    if (target.contains(pressed) || (waiting && waiting !== answered)) detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const { name, value, at, hasFocus } of carried.splice(0)) {
      const field = document.querySelector(`#draft [name="${CSS.escape(name)}"]`);
      if (!field) continue;
      field.value = value;
      if (hasFocus) field.focus();
      if (hasFocus && typeof at === "number") field.setSelectionRange(at, at);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})();
