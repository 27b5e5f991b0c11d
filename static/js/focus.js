// After a swap, focus is where it was: the same control in the same [data-card], else that card, else the card that
// took its place. (htmx itself finds again what has an id.)
(() => {
  let before = null;
  const nameOf = ({ id, name, dataset }) =>
    id ? `#${CSS.escape(id)}` : name ? `[name="${name}"]` : dataset.keyAction && `[data-key-action="${dataset.keyAction}"]`;
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const active = document.activeElement;
    const card = active?.closest("[data-card]");
    const list = card?.closest("[data-cards]");
    before = list && detail.target.contains(active)
      ? { list: list.id, card: card.id, at: [...list.children].indexOf(card), control: active === card ? null : nameOf(active) }
      : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const lost = !document.activeElement || document.activeElement === document.body;
    if (!before || !lost) return;
    const list = document.getElementById(before.list);
    const card = document.getElementById(before.card);
    const others = list ? [...list.children] : [];
    const control = card && before.control && card.querySelector(before.control);
    (control || card || others[before.at] || others.at(-1))?.focus();
    before = null;
  });
})();
