/* Words that stand ready to be copied and that she may change first: no form sends them, so what she made of them is kept on
   this device alone (kept.js) and stands there again after another look, a reload or a closed sheet.
   `data-own` names the words; `data-own-link` is the address in them that may be another one next time. */
"use strict";

(() => {
  const kept = window.dacKept;
  const LINK = "\u0000";
  const keyOf = (field) => `own ${field.dataset.own}`;
  const linkOf = (field) => field.dataset.ownLink ?? "";
  const swap = (text, from, to) => (from ? text.split(from).join(to) : text);

  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.("textarea[data-own]") || kept.isElsewhere()) return;
    if (target.value === target.defaultValue) {
      kept.forget(keyOf(target));
      target.parentElement.querySelector(".own-note")?.remove();
    } else kept.keep({ key: keyOf(target), state: "words", words: swap(target.value, linkOf(target), LINK) });
  });

  function giveBack(within) {
    for (const field of within.querySelectorAll("textarea[data-own]")) {
      const record = kept.find(keyOf(field));
      if (!record || field.value !== field.defaultValue) continue;
      field.value = swap(record.words, LINK, linkOf(field));
      if (field.value !== field.defaultValue) say(field);
    }
  }

  function say(field) {
    const note = Object.assign(document.createElement("p"), { className: "own-note small quiet" });
    note.setAttribute("role", "status");
    const away = Object.assign(document.createElement("button"), { type: "button", className: "link tap-line", textContent: "用原来的" });
    away.addEventListener("click", (event) => {
      event.preventDefault();
      kept.forget(keyOf(field));
      field.value = field.defaultValue;
      note.remove();
    });
    note.append("你改过的话还在。", away);
    field.after(note);
  }

  // Before the sheet copies what it shows (htmx-setup.js).
  document.addEventListener("htmx:afterSwap", (event) => giveBack(event.detail.target));
  if (document.readyState === "complete") giveBack(document);
  else document.addEventListener("DOMContentLoaded", () => giveBack(document));
})();
