// The tree by keyboard (the WAI-ARIA tree pattern; up and down are in walk.js), and which folders are open. A folder's lines are fetched when it is
// first opened: its group waits for the event "tree-open". The menu of a line is node-menu.js.
(() => {
  const LINE = "[data-tree] [role=treeitem]";
  const group = (line) => document.getElementById(line.getAttribute("aria-owns"));
  const owner = (line) => document.querySelector(`[aria-owns="${line.closest("ul").id}"]`);
  const isOpen = (line) => line.ariaExpanded === "true";
  const remember = (line) => {
    const kept = document.cookie.match(/(?:^|; )tree_open=([\d.]*)/)?.[1].split(".") ?? [];
    const ids = kept.filter((id) => id && id !== line.dataset.node);
    if (isOpen(line)) ids.unshift(line.dataset.node);
    document.cookie = `tree_open=${ids.slice(0, 200).join(".")};path=/;max-age=31536000;samesite=lax`;
  };
  const set = (line, open) => {
    if (!line.ariaExpanded) return;
    line.ariaExpanded = open;
    group(line).hidden = !open;
    remember(line);
    if (open) htmx.trigger(group(line), "tree-open");
  };
  const byLetter = (line, letter) => {
    const all = [...document.querySelectorAll(LINE)].filter((each) => each.checkVisibility());
    const at = all.indexOf(line) + 1;
    const nameOf = (each) => each.querySelector(".tree-name").textContent.toLowerCase();
    return [...all.slice(at), ...all.slice(0, at)].find((each) => nameOf(each).startsWith(letter.toLowerCase()));
  };
  const keys = {
    ArrowRight: (line) => (isOpen(line) ? group(line).querySelector("[role=treeitem]")?.focus() : set(line, true)),
    ArrowLeft: (line) => (isOpen(line) ? set(line, false) : owner(line)?.focus()),
    " ": (line) => line.click(),
    F2: (line) => htmx.trigger(line, "rename"),
  };
  document.addEventListener("keydown", (event) => {
    const { target: line, key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (!line.matches(LINE) || shiftKey || ctrlKey || metaKey || altKey) return;
    if (key in keys) keys[key](line);
    else if (/^\S$/.test(key)) byLetter(line, key)?.focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const line = event.target.closest("[data-twisty]")?.closest("[aria-expanded]");
    if (!line) return;
    event.preventDefault();
    set(line, !isOpen(line));
  });
  // CSS lets it end once something dragged has rested on a closed folder.
  document.addEventListener("animationend", ({ target }) => target.matches(`${LINE}.is-drop-target`) && set(target, true));
  htmx.onLoad((root) => root.querySelectorAll(`${LINE}[aria-expanded=true]`).forEach(remember));
  document.querySelector("[data-tree] [aria-current]")?.scrollIntoView({ block: "nearest" });
})();
