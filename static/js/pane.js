// The line between tree and canvas is a slider, whose width is kept in a cookie for the server to draw the next page with.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-pane-resizer]")) return;
  target.closest(".workspace").dataset.treeWidth = target.value;
  document.cookie = `tree_width=${target.value};path=/;max-age=31536000;samesite=lax`;
});
