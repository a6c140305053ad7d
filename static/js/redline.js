// Adds keys to a redline that has links already: n or j to the next change, p or k to the one before.

const changes = [...document.querySelectorAll("[data-redline] [id^='change-']")];

function step(by) {
  const here = changes.findIndex((change) => `#${change.id}` === location.hash);
  const next = changes[here === -1 ? (by > 0 ? 0 : changes.length - 1) : (here + by + changes.length) % changes.length];
  if (next) {
    location.hash = next.id;
  }
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) {
    return;
  }
  if (event.key === "n" || event.key === "j") {
    step(1);
  }
  if (event.key === "p" || event.key === "k") {
    step(-1);
  }
});
