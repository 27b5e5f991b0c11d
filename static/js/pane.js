// The line between tree and canvas is a slider. The width is kept in a cookie, in the steps of the slider, so that the server can draw the next page
// with it.
document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-pane-resizer]")) return;
  target.closest(".workspace").dataset.treeWidth = target.value;
  document.cookie = `tree_width=${target.value};path=/;max-age=31536000;samesite=lax`;
});
