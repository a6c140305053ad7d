// Which version somebody read last, kept in their browser alone, and only where they asked for it: nothing is sent.

const offer = document.querySelector("[data-visits]");
const note = document.querySelector("[data-visits-changed]");

if (offer && note) {
  const [remember, forget] = offer.querySelectorAll("button");
  const key = `policysite:read:${offer.dataset.visits}`;
  const shown = offer.dataset.version;

  // A browser may keep nothing at all: then nothing is offered.
  const kept = (() => {
    try {
      return window.localStorage;
    } catch {
      return null;
    }
  })();

  function offerAgain(isKept) {
    remember.hidden = isKept;
    forget.hidden = !isKept;
  }

  if (kept) {
    const read = kept.getItem(key);
    if (read !== null) {
      if (read !== shown) {
        note.querySelector("a").href = `${note.dataset.visitsChanged}?${new URLSearchParams({ from: read, to: shown })}`;
        note.hidden = false;
      }
      kept.setItem(key, shown);
    }
    remember.addEventListener("click", () => {
      kept.setItem(key, shown);
      offerAgain(true);
      forget.focus();
    });
    forget.addEventListener("click", () => {
      kept.removeItem(key);
      offerAgain(false);
      remember.focus();
    });
    offerAgain(read !== null);
    offer.hidden = false;
  }
}
