// After a swap, focus is where it was: the same control in the same [data-card], else that card, else the card that took
// its place. A card that was just added gets it. (htmx itself finds again what has an id.)
(() => {
  let before = null;
  const nameOf = ({ id, name, dataset }) =>
    id ? `#${CSS.escape(id)}` : name ? `[name="${name}"]` : dataset.keyAction && `[data-key-action="${dataset.keyAction}"]`;
  const cards = () => [...document.querySelectorAll("[data-cards] > [data-card]")];
  const placeOf = (active) => {
    const card = active?.closest("[data-cards] > [data-card]");
    if (!card) return {};
    const at = [...card.parentElement.children].indexOf(card);
    return { list: card.parentElement.id, card: card.id, at, control: active === card ? null : nameOf(active) };
  };
  const wasThere = () => {
    const list = document.getElementById(before.list);
    const card = document.getElementById(before.card);
    const control = before.control && card?.querySelector(`${before.control}:not(:disabled)`);
    return control || card || list?.children[before.at] || list?.lastElementChild;
  };
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const adds = detail.requestConfig.elt.matches("form[data-insert]");
    before = { ...placeOf(document.activeElement), known: adds ? new Set(cards().map(({ id }) => id)) : null };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!before) return;
    const added = before.known && cards().find(({ id }) => !before.known.has(id));
    const lost = !document.activeElement || document.activeElement === document.body;
    if (added ? !added.contains(document.activeElement) : lost) (added || wasThere())?.focus();
    before = null;
  });
})();
