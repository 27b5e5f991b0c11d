// Where focus goes when an answer takes away what had it: to the same control drawn anew, else its [data-card], else a card near it. A card that was
// just added gets it, and so does what [data-then-focus=ID] of the asker names.
(() => {
  let before = null;
  const cards = () => [...document.querySelectorAll("[data-cards] > [data-card]")];
  const byId = (id) => document.getElementById(id);
  document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig } }) => {
    const { activeElement: active } = document;
    const card = active?.closest("[data-cards] > [data-card]");
    const all = card ? [...card.parentElement.children] : [];
    const at = all.indexOf(card);
    const near = [active, card, ...all.slice(at + 1), ...all.slice(0, Math.max(at, 0)).reverse()].map((each) => each?.id);
    before = {
      near: [...near, card && `${card.parentElement.id}-begin`].filter(Boolean),
      known: requestConfig.elt.matches("form[data-insert]") && cards(),
      then: requestConfig.elt.dataset.thenFocus,
    };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!before) return;
    const { activeElement: active, body } = document;
    const added = byId(before.then) ?? (before.known && cards().find((card) => !before.known.includes(card)));
    if (added && !added.contains(active)) added.focus();
    if (!added && (!active || active === body || active.disabled)) before.near.map(byId).find((each) => each && !each.disabled)?.focus();
    before = null;
  });
})();
