// Arrow keys, Home and End walk through cards, and through the lines of the tree; and each list is one stop for Tab: at what had the focus last,
// else at the current one, else at the first.
(() => {
  const LIST = "[data-cards], [data-tree]";
  const ITEM = "[data-cards] > [data-card], [data-tree] [role=treeitem]";
  const items = (list) => [...list.querySelectorAll(ITEM)];
  const stopAt = (item) => items(item.closest(LIST)).forEach((each) => (each.tabIndex = each === item ? 0 : -1));
  const steps = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };
  document.addEventListener("focusin", ({ target }) => target.matches(ITEM) && stopAt(target));
  document.addEventListener("keydown", (event) => {
    const { target, key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (!target.matches(ITEM) || !(key in steps) || shiftKey || ctrlKey || metaKey || altKey) return;
    event.preventDefault();
    const all = items(target.closest(LIST)).filter((item) => item.checkVisibility());
    const to = all.indexOf(target) + steps[key];
    all[Math.max(0, Math.min(to, all.length - 1))].focus();
  });
  htmx.onLoad(() => {
    for (const all of [...document.querySelectorAll(LIST)].map(items)) {
      const first = all.find((item) => item === document.activeElement || item.ariaCurrent) ?? all[0];
      if (first && all.every((item) => item.tabIndex < 0)) stopAt(first);
    }
  });
})();
