// The keyboard in a list of cards. <ol data-cards> holds <li data-card id="…" tabindex="0">; the keys press the
// buttons that are there anyway: [data-key-action] edit, close, add-after, move-up, move-down, duplicate, remove inside
// a card, and undo, redo, help anywhere on the page.
(() => {
  const cards = (list) => [...list.querySelectorAll(":scope > [data-card]")];
  const press = (root, action) => {
    const button = root?.querySelector(`[data-key-action="${action}"]:not(:disabled)`);
    button?.click();
    return Boolean(button);
  };
  const actionOf = (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command) return { d: "duplicate" }[event.key.toLowerCase()];
    if (event.altKey) return { ArrowUp: "move-up", ArrowDown: "move-down" }[event.key];
    return { a: "add-after", A: "add-after", "/": "add-after", Delete: "remove" }[event.key];
  };
  const walk = (card, by) => {
    const all = cards(card.parentElement);
    focus(all[all.indexOf(card) + by]);
  };
  const focus = (card) => {
    if (!card) return;
    for (const other of cards(card.parentElement)) other.tabIndex = other === card ? 0 : -1;
    card.focus();
  };
  const edit = (card) => {
    if (!press(card, "edit")) card.querySelector("select, input:not([type=hidden]), textarea")?.focus();
  };
  const onCard = (event, card) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const action = actionOf(event);
    if (action) press(card, action);
    else if (event.altKey || event.ctrlKey || event.metaKey) return false;
    else if (by) walk(card, by);
    else if (event.key === "Enter") edit(card);
    else return false;
    return true;
  };
  const inCard = (event, card) => {
    if (event.key === "Escape" && !event.target.closest(".dropdown-active, dialog")) {
      press(card, "close");
      focus(card);
    } else if (event.altKey && actionOf(event)) press(card, actionOf(event));
    else return false;
    return true;
  };
  const onPage = (event) => {
    if (event.target.matches("input, textarea, select, [contenteditable]")) return false;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && key === "z") return press(document, event.shiftKey ? "redo" : "undo");
    return event.key === "?" && press(document, "help");
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    const card = event.target.closest("[data-cards] > [data-card]");
    const done = (card && (event.target === card ? onCard : inCard)(event, card)) || onPage(event);
    if (done) event.preventDefault();
  });
  htmx.onLoad((root) => {
    for (const list of document.querySelectorAll("[data-cards]")) {
      if (!list.querySelector(":scope > [data-card][tabindex='0']")) cards(list)[0]?.setAttribute("tabindex", "0");
    }
  });
})();
