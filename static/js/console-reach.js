/* What the keyboard and a screen reader need and the console's framework leaves out. */
"use strict";

(() => {
  /** A tag field types into an input of its own, which nothing names: it takes over the field's label. */
  function nameTags() {
    for (const input of document.querySelectorAll(".tagit-new input:not([aria-label])")) {
      const field = input.closest(".w-field__wrapper");
      input.setAttribute("aria-label", field?.querySelector("label")?.textContent.trim() || "标签");
    }
  }

  /** Who else has the page open, how far an upload is, and the place where files are dropped. */
  function nameTheRest() {
    for (const button of document.querySelectorAll("button.w-editing-sessions__session:not([aria-label])")) {
      button.setAttribute("aria-label", button.textContent.trim() || "也开着这一页的人");
    }
    for (const bar of document.querySelectorAll(".progress[aria-valuenow]:not([role])")) {
      bar.setAttribute("role", "progressbar");
      bar.setAttribute("aria-label", "上传进度");
    }
    document.querySelector("#fileupload:not([aria-label])")?.setAttribute("aria-label", "选择要上传的图片");
  }

  /** A wide table scrolls sideways: without a link inside, the keyboard has to reach the box itself. */
  function reachBoxes() {
    for (const box of document.querySelectorAll(".hq-scroll, .hq-list__table, .hq-box_flush, .desk-scroll")) {
      const isWide = box.scrollWidth > box.clientWidth;
      box.toggleAttribute("tabindex", isWide);
      if (!isWide) continue;
      box.tabIndex = 0;
      if (box.tagName === "DIV" && !box.hasAttribute("role")) {
        box.setAttribute("role", "region");
        const title = box.closest("section")?.querySelector("h2, h3")?.textContent.trim();
        box.setAttribute("aria-label", `${title ? `「${title}」` : ""}可以左右滑动的表格`);
      }
    }
  }

  function all() {
    nameTags();
    nameTheRest();
    reachBoxes();
  }

  addEventListener("resize", reachBoxes);
  new MutationObserver(all).observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-valuenow"] });
  all();
})();
