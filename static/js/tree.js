// The tree by keyboard (the WAI-ARIA tree pattern), and which folders are open. A folder's lines are fetched when it is
// first opened: its group waits for the event "tree-open". The menu of a line is node-menu.js.
(() => {
  const lines = (tree) => [...tree.querySelectorAll("[role=treeitem]")].filter((line) => line.offsetParent);
  const group = (line) => document.getElementById(line.getAttribute("aria-owns"));
  const isOpen = (line) => line.getAttribute("aria-expanded");
  const above = (line) => line.parentElement.parentElement.closest("li")?.querySelector("[role=treeitem]");

  const kept = () => (document.cookie.match(/(?:^|; )tree_open=([\d.]*)/)?.[1] ?? "").split(".").filter(Boolean);
  const remember = (id, open) => {
    const ids = kept().filter((other) => other !== id);
    if (open) ids.unshift(id);
    document.cookie = `tree_open=${ids.slice(0, 200).join(".")};path=/;max-age=31536000;samesite=lax`;
  };
  const set = (line, open) => {
    if (isOpen(line) === null) return;
    line.setAttribute("aria-expanded", open);
    group(line).hidden = !open;
    remember(line.dataset.node, open);
    if (open) htmx.trigger(group(line), "tree-open");
  };
  const focus = (tree, line) => {
    if (!line) return;
    for (const other of tree.querySelectorAll("[role=treeitem][tabindex='0']")) other.tabIndex = -1;
    line.tabIndex = 0;
    line.focus();
  };
  const byLetter = (tree, from, letter) => {
    const all = lines(tree);
    const at = all.indexOf(from) + 1;
    return [...all.slice(at), ...all.slice(0, at)].find((line) =>
      line.querySelector(".tree-name").textContent.toLowerCase().startsWith(letter.toLowerCase()),
    );
  };
  const keys = {
    ArrowDown: (tree, line, all) => focus(tree, all[all.indexOf(line) + 1]),
    ArrowUp: (tree, line, all) => focus(tree, all[all.indexOf(line) - 1]),
    Home: (tree, line, all) => focus(tree, all[0]),
    End: (tree, line, all) => focus(tree, all.at(-1)),
    ArrowRight: (tree, line) => {
      if (isOpen(line) === "false") set(line, true);
      else if (isOpen(line) === "true") focus(tree, group(line).querySelector("[role=treeitem]"));
    },
    ArrowLeft: (tree, line) => (isOpen(line) === "true" ? set(line, false) : focus(tree, above(line))),
    " ": (tree, line) => line.click(),
    F2: (tree, line) => htmx.trigger(line, "rename"),
  };
  document.addEventListener("keydown", (event) => {
    const line = event.target.closest("[data-tree] [role=treeitem]");
    if (!line || event.target !== line || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const tree = line.closest("[data-tree]");
    if (event.key in keys) keys[event.key](tree, line, lines(tree));
    else if (event.key.length === 1 && /\S/.test(event.key)) focus(tree, byLetter(tree, line, event.key));
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const twisty = event.target.closest("[data-twisty]");
    const line = twisty?.parentElement;
    if (!line || isOpen(line) === null) return;
    event.preventDefault();
    set(line, isOpen(line) === "false");
  });
  // One stop for Tab: the current line, or the first.
  const ready = (tree) => {
    if (tree.querySelector("[tabindex='0']")) return;
    for (const line of tree.querySelectorAll("[aria-expanded='true']")) remember(line.dataset.node, true);
    (tree.querySelector("[aria-current]") ?? tree.querySelector("[role=treeitem]"))?.setAttribute("tabindex", "0");
  };
  htmx.onLoad(() => document.querySelectorAll("[data-tree]").forEach(ready));
  const current = document.querySelector("[data-tree] [aria-current]");
  current?.scrollIntoView({ block: "nearest" });
})();
