// Arrow keys, Home and End walk through cards and through the lines of the tree, and in a ring through an open menu and, arrows only, what the
// search found. Cards and tree are one stop for Tab each: at what had the focus last, else at the current one, else at the first.
(() => {
  const LIST = "[data-cards], [data-tree]";
  const ITEM = "[data-cards] > [data-card], [data-tree] [role=treeitem]";
  const RING = "[data-menu]:has(:popover-open), [data-search]";
  const STOPS = ":popover-open :is(a, button:not(:disabled), summary), [name=q], .search-results a";
  const next = { ArrowUp: (at) => Math.max(at, 0) - 1, ArrowDown: (at) => at + 1, Home: () => 0, End: (_, last) => last };
  const items = (list) => [...list.querySelectorAll(list.matches(RING) ? STOPS : ITEM)];
  const stopAt = (item) => items(item.closest(LIST)).forEach((each) => (each.tabIndex = each === item ? 0 : -1));
  document.addEventListener("focusin", ({ target }) => target.matches(ITEM) && stopAt(target));
  document.addEventListener("keydown", (event) => {
    const { target, key, shiftKey, ctrlKey, metaKey, altKey } = event;
    const ring = target.closest(RING);
    const list = ring ?? (target.matches(ITEM) && target.closest(LIST));
    if (!list || !(key in next) || shiftKey || ctrlKey || metaKey || altKey) return;
    if (ring?.matches("[data-search]") && !key.startsWith("Arrow")) return;
    event.preventDefault();
    const all = items(list).filter((item) => item.checkVisibility());
    const to = next[key](all.indexOf(target), all.length - 1);
    all.at(ring ? to % all.length : Math.max(0, Math.min(to, all.length - 1))).focus();
  });
  htmx.onLoad(() => {
    for (const all of [...document.querySelectorAll(LIST)].map(items)) {
      const first = all.find((item) => item === document.activeElement || item.ariaCurrent) ?? all[0];
      if (first && all.every((item) => item.tabIndex < 0)) stopAt(first);
    }
  });
})();
