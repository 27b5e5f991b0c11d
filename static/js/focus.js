// Where focus goes when an answer takes away what had it: to the same control drawn anew, else its [data-card], else the
// card that took its place. A card that was just added gets it, and so does what [data-then-focus=ID] of the asker names.
(() => {
  let before = null;
  const cards = () => [...document.querySelectorAll("[data-cards] > [data-card]")];
  const byId = (id) => id && document.getElementById(id);
  const near = ({ list, at }) => {
    const rest = [...(byId(list)?.children ?? [])];
    const isCard = (each) => each.matches("[data-card]");
    return rest.slice(at).find(isCard) ?? rest.findLast(isCard) ?? byId(list)?.querySelector("button");
  };
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { elt } = detail.requestConfig;
    const { activeElement } = document;
    const card = activeElement?.closest("[data-cards] > [data-card]");
    before = {
      control: activeElement?.id,
      card: card?.id,
      list: card?.parentElement.id,
      at: card && [...card.parentElement.children].indexOf(card),
      known: elt.matches("form[data-insert]") && cards(),
      wanted: elt.dataset.thenFocus,
    };
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!before) return;
    const { activeElement: active, body } = document;
    const added = byId(before.wanted) ?? (before.known && cards().find((card) => !before.known.includes(card)));
    const lost = !active || active === body;
    if (added ? !added.contains(active) : lost) (added || byId(before.control) || byId(before.card) || near(before))?.focus();
    before = null;
  });
})();
