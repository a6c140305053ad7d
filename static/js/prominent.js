// Public pages are the same for everybody; the notice for whoever is signed in is fetched beside them.
const place = document.querySelector("[data-prominent]");

const answer = place && (await fetch(place.dataset.prominent, { credentials: "same-origin" }).catch(() => null));
if (answer?.status === 200) {
  place.innerHTML = await answer.text();
}
