// Keys press the buttons that are there anyway and name them in [aria-keyshortcuts], and bring the keyboard to a field that does: those of a card
// while it has the focus (Alt+… and Escape also while something in it has), others anywhere on the page. Esc empties the search.
(() => {
  const keysOf = ({ key, ctrlKey, metaKey, shiftKey, altKey }) => {
    const command = ctrlKey || metaKey ? (shiftKey ? "Control+Shift+" : "Control+") : "";
    return command + (altKey ? "Alt+" : "") + (key.length === 1 ? key.toUpperCase() : key);
  };
  const use = (element) => (element.matches("input") ? (element.focus(), element.select()) : element.click());
  document.addEventListener("keydown", (event) => {
    const { target, altKey, defaultPrevented } = event;
    const card = target.closest("[data-cards] > [data-card]");
    const keys = keysOf(event);
    const named = `[aria-keyshortcuts~="${CSS.escape(keys)}"]:not(:disabled)`;
    const inCard = card?.querySelector(named);
    const isTyping = target.matches("input, textarea, select, [contenteditable]");
    const onPage = document.querySelector(`${isTyping ? "input" : ""}${named}:not([data-card] *)`);
    if (defaultPrevented) return;
    if (card && card !== target && keys === "Escape" && !target.closest(".dropdown-active, dialog")) {
      card.focus(); // first, so that what was typed is sent before the card folds
      inCard?.click();
    } else if (inCard && (altKey || card === target)) inCard.click();
    else if (card === target && keys === "Enter") card.querySelector("select, input:not([type=hidden]), textarea")?.focus();
    else if (keys === "Escape" && target.closest("[data-search]")) {
      target.closest("[data-search]").reset();
      use(document.querySelector("[data-search] > [name=q]"));
    } else if (onPage) use(onPage);
    else return;
    event.preventDefault();
  });
})();
