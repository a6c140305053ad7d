// Adds to a page that works without it: a link sign at each section, and the current section marked in the contents.

const text = document.querySelector("[data-reading]");
const headings = text ? [...text.querySelectorAll(":is(h2, h3, h4, h5, h6)[id]")] : [];

for (const heading of headings) {
  const link = document.createElement("a");
  link.className = "section-link";
  link.href = `#${heading.id}`;
  link.textContent = "#";
  link.setAttribute("aria-label", `# ${heading.textContent}`);
  heading.append(" ", link);
}

const entries = new Map(
  [...document.querySelectorAll("[data-contents] a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]),
);

function mark() {
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120 && entries.has(heading.id));
  const current = passed.at(-1)?.id;
  for (const [id, link] of entries) {
    if (id === current) {
      link.setAttribute("aria-current", "true");
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

if (entries.size) {
  let waits = false;
  addEventListener(
    "scroll",
    () => {
      if (!waits) {
        waits = true;
        requestAnimationFrame(() => {
          waits = false;
          mark();
        });
      }
    },
    { passive: true },
  );
  mark();
}
