// What is wrong with a page scrolled to its end: sideways, under the bars, words out of their buttons.
async () => {
  const moment = () => new Promise((done) => setTimeout(done, 30)); // frames may stand still where nobody looks
  const end = () => document.documentElement.scrollHeight;
  for (let rests = 0, known = 0, tries = 0; rests < 3 && tries < 60; tries++, rests = known === end() ? rests + 1 : 0) {
    known = end();
    scrollTo(0, known);
    await moment();
  }
  const wrong = [], root = document.documentElement;
  const name = (one) => `${one.tagName.toLowerCase()}.${one.className} "${(one.innerText ?? "").trim().slice(0, 20)}"`;
  // A phone shows a page that is too wide smaller as a whole, so its own width is the measure.
  const wide = screen.width;
  if (root.scrollWidth > wide) {
    const out = [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > wide + 1);
    wrong.push(`scrolls sideways: ${root.scrollWidth} > ${wide}, by ${name(out.at(-1) ?? root)}`);
  }
  const isShown = (one) => one.checkVisibility() && getComputedStyle(one).visibility === "visible";
  const bars = [...document.querySelectorAll(".tabs, .dock")]
    .filter((one) => isShown(one) && getComputedStyle(one).position === "fixed")
    .filter((one) => one.getBoundingClientRect().width > wide / 2);
  const foot = Math.min(innerHeight, ...bars.map((one) => one.getBoundingClientRect().top));
  if (foot < innerHeight * 0.6) wrong.push(`bars leave ${foot} of ${innerHeight}`);
  const scroller = (one) => {
    for (let at = one.parentElement; at && at !== document.body; at = at.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return at;
    }
    return null;
  };
  for (const one of document.querySelectorAll("main a[href], main button, main input, main select, main textarea, main summary")) {
    const box = one.getBoundingClientRect();
    if (!isShown(one) || box.width < 2 || bars.some((bar) => bar.contains(one))) continue;
    if (getComputedStyle(one).clipPath !== "none") continue;
    if (box.bottom > foot + 1 && getComputedStyle(one).position !== "fixed")
      wrong.push(`under the bar by ${Math.round(box.bottom - foot)}: ${name(one)}`);
    if (!scroller(one) && (box.right > wide + 1 || box.left < -1)) wrong.push(`beyond the edge: ${name(one)}`);
  }
  for (const one of document.querySelectorAll(".btn, .chip, .tabs__tab, .figure, .act, .label, .tap-line")) {
    if (isShown(one) && one.scrollWidth > one.clientWidth + 1 && one.clientWidth && !scroller(one)) wrong.push(`words leave: ${name(one)} ${one.scrollWidth} > ${one.clientWidth}`);
  }
  return wrong;
}
