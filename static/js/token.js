// <button data-token="First Name" data-into="ID" data-default-from="ID2">: writes {{person.First Name:default=…}} into the
// field of the first id, where its caret is; the default is what stands in the field of the second.
document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-token]");
  if (!button) return;
  const field = document.getElementById(button.dataset.into);
  const otherwise = document.getElementById(button.dataset.defaultFrom).value.replace(/[{}]/g, "").trim();
  const token = `{{person.${button.dataset.token}${otherwise && `:default=${otherwise}`}}}`;
  field.focus();
  field.setRangeText(token, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
