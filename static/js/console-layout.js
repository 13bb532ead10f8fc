/* A poster template's layers: dragged on the poster, which is drawn anew by the server after each change. */
"use strict";

(() => {
  const DELAY_MS = 350;

  function begin(box) {
    const form = box.closest("form");
    const stage = box.querySelector("[data-layout-stage]");
    const picture = box.querySelector("[data-layout-picture]");
    const said = box.querySelector("[data-layout-said]");
    const handles = new Map();
    let timer = 0;
    let asked = 0;

    const whole = (name, fallback) => Number(form.elements[name]?.value) || fallback;
    const field = (layer, part) => layer.querySelector(`[data-part="${part}"]`);
    const number = (layer, part) => Number(field(layer, part)?.value) || 0;

    /** The height that a layer takes on the sheet: its own, its width for the code, its lines for words. */
    function heightOf(layer) {
      if (field(layer, "h")) return number(layer, "h");
      if (!field(layer, "size")) return number(layer, "w");
      const lines = ["title", "summary"].includes(layer.dataset.layer) ? 2 : 1;
      return Math.round(number(layer, "size") * 1.35 * lines);
    }

    function place() {
      const width = whole("width", 1080);
      const height = whole("height", 1440);
      stage.style.aspectRatio = `${width} / ${height}`;
      for (const [layer, handle] of handles) {
        handle.hidden = !layer.querySelector("[type=checkbox]").checked;
        handle.style.left = `${(number(layer, "x") / width) * 100}%`;
        handle.style.top = `${(number(layer, "y") / height) * 100}%`;
        handle.style.width = `${(number(layer, "w") / width) * 100}%`;
        handle.style.height = `${(heightOf(layer) / height) * 100}%`;
      }
    }

    async function draw() {
      const turn = ++asked;
      try {
        const answer = await fetch(box.dataset.preview, { method: "POST", body: new FormData(form) });
        if (turn !== asked) return; // a newer picture is on its way
        if (answer.ok) {
          const before = picture.src;
          picture.src = URL.createObjectURL(await answer.blob());
          if (before.startsWith("blob:")) URL.revokeObjectURL(before);
          said.textContent = "";
        } else if (answer.status === 422) {
          said.textContent = (await answer.json()).message;
        } else {
          said.textContent = "预览没有画出来，保存不受影响。";
        }
      } catch {
        said.textContent = "网络不通，预览没有更新。";
      }
    }

    function changed() {
      place();
      clearTimeout(timer);
      timer = setTimeout(draw, DELAY_MS);
    }

    function drag(layer, handle, event) {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      const scale = whole("width", 1080) / stage.clientWidth;
      const pulls = event.target.classList.contains("layout__corner");
      const from = { x: event.clientX, y: event.clientY };
      const start = Object.fromEntries(["x", "y", "w", "h"].map((part) => [part, number(layer, part)]));
      const set = (part, value) => {
        const input = field(layer, part);
        if (input) input.value = Math.max(0, Math.round(value));
      };
      const move = (now) => {
        const right = (now.clientX - from.x) * scale;
        const down = (now.clientY - from.y) * scale;
        if (pulls) {
          set("w", start.w + right);
          set("h", start.h + down);
        } else {
          set("x", start.x + right);
          set("y", start.y + down);
        }
        place();
      };
      const end = () => {
        handle.removeEventListener("pointermove", move);
        changed();
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("pointerup", end, { once: true });
      handle.addEventListener("pointercancel", end, { once: true });
    }

    for (const layer of box.querySelectorAll("[data-layer]")) {
      const handle = document.createElement("div");
      handle.className = "layout__handle";
      handle.title = layer.querySelector("legend").textContent;
      const corner = document.createElement("span");
      corner.className = "layout__corner";
      handle.append(corner);
      handle.addEventListener("pointerdown", (event) => drag(layer, handle, event));
      handles.set(layer, handle);
      stage.append(handle);
    }
    stage.hidden = false;
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    changed();
  }

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-layout]").forEach(begin));
})();
