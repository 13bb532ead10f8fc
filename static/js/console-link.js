/* The page with a private link: copy it, print it. Without this file the link can still be marked by hand. */
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-print]");
  if (!button) return;
  if (button.hasAttribute("data-print")) {
    window.print();
    return;
  }
  const source = document.querySelector("[data-copy-source]");
  source.select();
  let done = false;
  try {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(source.value);
      done = true;
    } else {
      done = document.execCommand("copy");
    }
  } catch {
    done = false;
  }
  button.textContent = done ? "已复制" : "请按 Ctrl+C 复制";
});
