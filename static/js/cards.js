// The keyboard in a list of cards, beside what walk.js does: keys press the buttons that are there anyway and name their
// [aria-keyshortcuts], those of a card while it has the focus (Alt+… and Escape also while something in it has), and those
// beside the cards anywhere on the page.
(() => {
  const keysOf = ({ key, ctrlKey, metaKey, shiftKey, altKey }) => {
    const command = ctrlKey || metaKey ? (shiftKey ? "Control+Shift+" : "Control+") : "";
    return command + (altKey ? "Alt+" : "") + (key.length === 1 ? key.toUpperCase() : key);
  };
  document.addEventListener("keydown", (event) => {
    const { target, altKey, defaultPrevented } = event;
    const card = target.closest("[data-cards] > [data-card]");
    const keys = keysOf(event);
    const button = `:is(a, button)[aria-keyshortcuts~="${CSS.escape(keys)}"]:not(:disabled)`;
    const inCard = card?.querySelector(button);
    const onPage =
      !target.matches("input, textarea, select, [contenteditable]") && document.querySelector(`${button}:not([data-card] *)`);
    if (defaultPrevented) return;
    if (card && card !== target && keys === "Escape" && !target.closest(".dropdown-active, dialog")) {
      inCard?.click();
      card.focus();
    } else if (inCard && (altKey || card === target)) inCard.click();
    else if (card === target && keys === "Enter") card.querySelector("select, input:not([type=hidden]), textarea")?.focus();
    else if (onPage) onPage.click();
    else return;
    event.preventDefault();
  });
})();
