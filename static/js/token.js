// <button data-token="First Name" data-into="ID" data-default-from="ID2"> writes {{person.First Name:default=what stands in ID2}} where the caret of ID is.
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
