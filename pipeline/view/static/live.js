// Small conveniences; every page can be read without them.
"use strict";

// A page that waits for the index looks again by itself.
const wait = 1000 * Number(document.body.dataset.refresh);
async function lookAgain() {
  try {
    const answer = await fetch(location.href);
    if (answer.status !== 503) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("main").replaceWith(page.getElementById("main"));
  } catch {
    // The server has ended, or is busy: look again.
  }
  setTimeout(lookAgain, wait);
}
if (wait) setTimeout(lookAgain, wait);

// The run page: its live part is asked for again while the page is in view.
function watch() {
  const part = document.getElementById("live");
  if (!part) return;
  setTimeout(async () => {
    try {
      if (!document.hidden) {
        const answer = await fetch(location.href, { headers: { accept: "text/html" } });
        if (answer.ok) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const fresh = page.getElementById("live");
          if (fresh && !part.contains(document.activeElement)) part.replaceWith(fresh);
        }
      }
    } catch {
      // The server has ended, or is busy: look again.
    }
    watch();
  }, 1000 * Number(part.dataset.live || 15));
}
watch();

// j and k: to the next and the one before; /: to the search.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const to = { j: "a[rel=next]", k: "a[rel=prev]" }[event.key];
  if (to) document.querySelector(to)?.click();
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("input[type=search]")?.focus();
  }
});
