/* Lists of the console: what is selected is counted, columns are put in order, and the way back is kept. */
"use strict";

(() => {
  const selection = () => document.querySelector("[data-selection]");
  const picks = () => [...document.querySelectorAll("[data-pick]")];

  /** Say how many are selected; all of the filtered set shows as every row of the page. */
  function count() {
    const form = selection();
    if (!form) return;
    const all = form.querySelector("[data-everything]").checked;
    const picked = picks().filter((one) => one.checked).length;
    for (const one of picks()) one.disabled = all;
    const page = document.querySelector("[data-pick-page]");
    if (page) {
      page.checked = all || (picked > 0 && picked === picks().length);
      page.indeterminate = !all && picked > 0 && picked < picks().length;
      page.disabled = all;
    }
    form.classList.toggle("hq-list__selection_on", all || picked > 0);
    const words = form.querySelector("[data-picked]");
    words.textContent = all ? "不止这一页，筛选出来的全部" : picked ? `选中了 ${picked} 行` : "没有选中任何一行";
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-page]")) {
      for (const one of picks()) one.checked = event.target.checked;
    }
    if (event.target.matches("[data-pick], [data-pick-page], [data-everything]")) count();
  });

  /** Columns go up and down; the form sends them in the order in which they stand. */
  document.addEventListener("click", (event) => {
    const up = event.target.closest("[data-column-up]");
    const down = event.target.closest("[data-column-down]");
    const row = (up || down)?.closest("li");
    if (up) row.previousElementSibling?.before(row);
    if (down) row.nextElementSibling?.after(row);
    if (row) (up || down).focus();
    for (const menu of document.querySelectorAll(".hq-menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector(".hq-menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  /** The search form keeps the saved view whose columns are shown. */
  function keepView() {
    const view = new URLSearchParams(location.search).get("v");
    const form = document.querySelector("form[data-search-form]");
    if (!view || !form || !document.querySelector("[data-selection], .hq-list") || form.elements.v) return;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "v", value: view });
    form.append(field);
  }

  /** Where lists were left: a crumb leads back there, and the page to the same height. */
  const KEY = "hq-lists";
  const left = () => JSON.parse(sessionStorage.getItem(KEY) || "{}");

  function leave() {
    if (!document.querySelector(".hq-list")) return;
    const places = left();
    places[location.pathname] = { search: location.search, y: scrollY };
    sessionStorage.setItem(KEY, JSON.stringify(places));
  }

  function comeBack() {
    const places = left();
    const here = places[location.pathname];
    if (document.querySelector(".hq-list")) {
      if (here && here.search === location.search && here.y) scrollTo(0, here.y);
      return;
    }
    for (const link of document.querySelectorAll(".w-breadcrumbs a[href]")) {
      const place = places[new URL(link.href).pathname];
      if (place && !link.search) link.search = place.search;
    }
  }

  addEventListener("pagehide", leave);
  addEventListener("pageshow", count);
  document.addEventListener("w-swap:success", () => {
    count();
    keepView();
  });
  keepView();
  comeBack();
  count();
})();
