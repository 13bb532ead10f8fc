/* A material's form shows only what its kind needs; a filled part stays visible, so that nothing hides content. */
"use strict";

(() => {
  const select = document.querySelector("select[name='kind']");
  if (!select || !document.querySelector(".for-kind")) return;

  function isFilled(part) {
    const total = part.querySelector("input[name$='-TOTAL_FORMS'], input[name$='-count']");
    if (total && Number(total.value) > 0) return true;
    const chosen = part.querySelector("input[type='hidden'][name='video']");
    return Boolean(chosen && chosen.value);
  }

  function show() {
    for (const part of document.querySelectorAll(".for-kind")) {
      const wanted = !select.value || part.classList.contains(`for-kind--${select.value}`);
      part.toggleAttribute("data-off-kind", !wanted && !isFilled(part));
    }
  }

  select.addEventListener("change", show);
  show();
})();
