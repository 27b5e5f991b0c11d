// <button data-token="First Name" data-into="ID" data-default-from="ID2">: writes {{person.First Name:default=…}} into the field of the first id,
// where its caret is; the default is what stands in the field of the second.
document.addEventListener("click", ({ target }) => {
  const { token, into, defaultFrom } = target.closest("[data-token]")?.dataset ?? {};
  if (!token) return;
  const field = document.getElementById(into);
  const otherwise = document.getElementById(defaultFrom).value.replace(/[{}]/g, "").trim();
  const written = `{{person.${token}${otherwise && `:default=${otherwise}`}}}`;
  field.focus();
  field.setRangeText(written, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
