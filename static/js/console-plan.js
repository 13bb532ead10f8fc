/* Drag a material onto a day: the same requests as the forms beside it, without loading the page anew. */
"use strict";

(() => {
  let held = null;
  //: One change after the other: the answer to an older one must not take the place of a newer plan.
  let turn = Promise.resolve();

  const day = (event) => event.target.closest?.("[data-drop-day]");

  function mark(place) {
    for (const other of document.querySelectorAll(".is-over-drop")) other.classList.remove("is-over-drop");
    place?.classList.add("is-over-drop");
  }

  document.addEventListener("dragstart", (event) => {
    held = event.target.closest?.("[data-move], [data-put]");
    if (!held) return;
    held.classList.add("is-held");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.textContent.trim().slice(0, 60));
  });

  document.addEventListener("dragend", () => {
    held?.classList.remove("is-held");
    held = null;
    mark(null);
  });

  document.addEventListener("dragover", (event) => {
    const place = held && day(event);
    if (!place) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    mark(place);
  });

  document.addEventListener("drop", (event) => {
    const place = held && day(event);
    if (!place) return;
    event.preventDefault();
    const dropped = held;
    const form = dropped.querySelector("form");
    const body = new FormData(form);
    body.set("day", place.dataset.dropDay);
    inTurn(dropped.dataset.move || dropped.dataset.put, body);
  });

  /* A cell opens over the plan; its page is where it leads otherwise, also in a window of its own. */
  document.addEventListener("click", (event) => {
    const cell = event.target.closest?.("[data-opens]");
    const whole = cell && document.getElementById(cell.dataset.opens);
    if (!whole?.showPopover || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    whole.showPopover();
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || !form.closest("#plan")) return;
    event.preventDefault();
    inTurn(form.action, new FormData(form));
  });

  function inTurn(url, body) {
    document.getElementById("plan").setAttribute("aria-busy", "true");
    turn = turn.then(() => send(url, body));
  }

  async function send(url, body) {
    document.getElementById("plan").setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { method: "POST", body, credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      window.dacDrafts?.hear();
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      window.location.reload();
    }
  }

  /** Put the new plan in place of the old one, keep where she looked, and say aloud what happened. */
  function show(page) {
    const fresh = page.getElementById("plan");
    if (!fresh) return window.location.reload();
    const scrolled = document.querySelector(".desk-shelf .desk-entries")?.scrollTop ?? 0;
    document.getElementById("plan").replaceWith(document.adoptNode(fresh));
    const shelf = document.querySelector(".desk-shelf .desk-entries");
    if (shelf) shelf.scrollTop = scrolled;
    const told = page.querySelector(".messages");
    const here = document.querySelector(".messages");
    if (told && here) here.replaceWith(document.adoptNode(told));
    document.getElementById("plan-said").textContent = document.querySelector(".messages")?.textContent.trim() ?? "";
  }
})();
