// Renews the marked parts of a page that changes by itself, every two seconds, while somebody looks at it.
const EVERY = 2000;

async function renew() {
  if (document.visibilityState === "visible") {
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (answer?.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-live]")) {
        const newer = fresh.querySelector(`[data-live="${part.dataset.live}"]`);
        if (newer && !part.contains(document.activeElement)) part.replaceWith(newer);
      }
    }
  }
  setTimeout(renew, EVERY);
}

setTimeout(renew, EVERY);
