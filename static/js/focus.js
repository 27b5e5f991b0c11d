// After a swap, focus is where it was: the same control in the same [data-card], else that card, else the card that took
// its place. A card that was just added gets it, and so does what [data-then-focus=ID] of the asking element names.
(() => {
  let before = null;
  const nameOf = ({ id, name, dataset }) =>
    id ? `#${CSS.escape(id)}` : name ? `[name="${name}"]` : dataset.keyAction && `[data-key-action="${dataset.keyAction}"]`;
  const cards = () => [...document.querySelectorAll("[data-cards] > [data-card]")];
  const placeOf = (active) => {
    const card = active?.closest("[data-cards] > [data-card]");
    if (!card) return { alone: active?.id };
    const at = [...card.parentElement.children].indexOf(card);
    return { list: card.parentElement.id, card: card.id, at, control: active === card ? null : nameOf(active) };
  };
  const wasThere = () => {
    if (before.alone) return document.getElementById(before.alone);
    const list = document.getElementById(before.list);
    const card = document.getElementById(before.card);
    const control = before.control && card?.querySelector(`${before.control}:not(:disabled)`);
    const rest = [...(list?.children ?? [])];
    const near = rest.slice(before.at).find((each) => each.matches("[data-card]")) ?? rest.findLast((each) => each.matches("[data-card]"));
    return control || card || near || list?.querySelector("button");
  };
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { elt } = detail.requestConfig;
    const adds = elt.matches("form[data-insert]");
    before = {
      ...placeOf(document.activeElement),
      known: adds ? new Set(cards().map(({ id }) => id)) : null,
      wanted: elt.dataset.thenFocus,
    };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!before) return;
    const added = before.wanted
      ? document.getElementById(before.wanted)
      : before.known && cards().find(({ id }) => !before.known.has(id));
    const lost = !document.activeElement || document.activeElement === document.body;
    if (added ? !added.contains(document.activeElement) : lost) (added || wasThere())?.focus();
    before = null;
  });
})();
