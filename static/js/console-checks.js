/* What the checks before review say of the saved draft; asked again whenever the draft was saved. */
"use strict";

(() => {
  const panel = document.querySelector("[data-checks]");
  if (!panel) return;

  async function ask() {
    try {
      const answer = await fetch(panel.dataset.checks, { credentials: "same-origin" });
      if (answer.ok) panel.innerHTML = await answer.text();
    } catch {
      /* What stands there stays; the next save asks again. */
    }
  }

  document.addEventListener("w-autosave:success", ask);
  ask();
})();
