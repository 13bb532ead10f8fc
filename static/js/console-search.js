/* The search box opens from every page: by its button, and by Ctrl+K or ⌘K. Without this file it is a link. */
"use strict";

(() => {
  const dialog = document.querySelector("[data-finder-dialog]");
  const opener = document.querySelector("[data-finder]");
  if (!dialog?.showModal || !opener) return;

  function open() {
    if (!dialog.open) dialog.showModal();
    const words = dialog.querySelector("input[name=q]");
    words.focus();
    words.select();
  }

  opener.setAttribute("role", "button");
  opener.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;  // in a tab of its own
    event.preventDefault();
    open();
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();  // beside the box
  });
})();
