/* What is slow to come shows its shape: after 300 ms without an answer, and never before.
   A page, a list, the rest of a list and a sheet each have theirs; whatever fails finds the page as it was. */
"use strict";

(() => {
  const AFTER_MS = 300;
  //: A net that never answers gives the page back.
  const AT_MOST_MS = 20000;
  const [POST, ROW, CARD] = ["skeleton__one_post", "skeleton__one_row", "skeleton__one_card"];
  //: What stands on the page to come, by its address: so many of these shapes.
  const SHAPES = [
    [/^\/$/, POST, 3],
    [/^\/materials\/$/, POST, 5],
    [/^\/(offers|shelf)\/$/, POST, 5],
    [/^\/customers\/$/, ROW, 10],
    [/^\/customers\/[0-9a-f-]{36}\/$/, POST, 3],
    [/^\/me\/orders\/$/, CARD, 6],
    [/^\/(me|learn|cases|stories)\/$/, CARD, 4],
  ];

  function shapes(kind, count) {
    const box = document.createElement("div");
    box.className = "skeleton";
    const said = document.createElement("p");
    said.className = "unseen";
    said.setAttribute("role", "status");
    said.textContent = "正在打开，请稍等";
    box.append(said);
    for (let number = 0; number < count; number++) {
      const one = document.createElement("div");
      one.className = `skeleton__one ${kind}`;
      one.setAttribute("aria-hidden", "true");
      one.append(...["skeleton__face", "skeleton__line", "skeleton__line"].map((className) => Object.assign(document.createElement("span"), { className })));
      box.append(one);
    }
    return box;
  }

  /** Put the shape in the place of what `holder` holds; the way back is what it answers. */
  function cover(holder, kind, count) {
    const box = shapes(kind, count);
    holder.setAttribute("aria-busy", "true");
    holder.append(box);
    return () => {
      box.remove();
      holder.removeAttribute("aria-busy");
    };
  }

  // --- a page, or another view of the same list ---------------------------------------------------------

  let uncover = null;
  let waits = 0;

  function giveBack() {
    clearTimeout(waits);
    uncover?.();
    uncover = null;
  }

  function expect(address, event) {
    const shape = SHAPES.find(([path]) => path.test(address.pathname));
    if (!shape || address.origin !== location.origin) return;
    giveBack();
    waits = setTimeout(() => {
      if (event.defaultPrevented) return;
      const main = document.getElementById("main");
      const list = address.pathname === location.pathname ? main.querySelector(".columns__list") : null;
      const before = scrollY;
      const back = cover(list ?? main, shape[1], shape[2]);
      if (!list) scrollTo(0, 0);
      waits = setTimeout(giveBack, AT_MOST_MS);
      uncover = () => {
        back();
        if (!list) scrollTo(0, before);
      };
    }, AFTER_MS);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute("download") || link.hasAttribute("hx-get")) return;
    if (!link.getAttribute("href").startsWith("#")) expect(new URL(link.href), event);
  });

  document.addEventListener("submit", (event) => {
    if (event.target.method === "get") expect(new URL(event.target.action || location.href), event);
  });

  // Back from the page that came, or never gone: as it was left.
  window.addEventListener("pagehide", giveBack);
  window.addEventListener("pageshow", giveBack);

  // --- a part: the rest of a list, a sheet --------------------------------------------------------------

  const parts = new Map(); // the request -> how its shape is taken away

  function coverPart(target, request) {
    const sheet = target.closest("dialog.sheet");
    const back = cover(target, target.closest(".rows") ? ROW : CARD, sheet ? 2 : 4);
    if (!sheet) return back;
    const whenClosed = () => request.abort();
    window.dac.openDialog(sheet);
    sheet.addEventListener("close", whenClosed);
    return (hasCome) => {
      sheet.removeEventListener("close", whenClosed);
      back();
      if (!hasCome && sheet.open) window.dac.closeDialog(sheet);
    };
  }

  document.addEventListener("htmx:beforeSend", ({ detail: { target, xhr } }) => {
    if (!target?.matches(".more, #sheet-body")) return;
    const timer = setTimeout(() => parts.set(xhr, coverPart(target, xhr)), AFTER_MS);
    parts.set(xhr, () => clearTimeout(timer));
  });

  const end = (hasCome) => ({ detail: { xhr } }) => {
    parts.get(xhr)?.(hasCome);
    parts.delete(xhr);
  };
  document.addEventListener("htmx:beforeSwap", (event) => event.detail.shouldSwap && end(true)(event));
  document.addEventListener("htmx:afterRequest", end(false));
})();
