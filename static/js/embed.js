// The prominent notice in a product of another origin. No cookies, no third parties, nothing kept in the browser.
// <script type="module" src="https://policies.example.org/embed/notice.js" data-token="..."></script>
// (As a module the script cannot see its own tag: it looks for the one with its address.)
const tag = document.querySelector('script[src*="/embed/notice.js"][data-token]');
const site = tag && new URL(tag.src).origin;
const headers = tag && { Authorization: `Bearer ${tag.dataset.token}` };

// The host's own rules for .policysite-notice win: these have no weight (:where) and are no inline style (CSP).
const style = new CSSStyleSheet();
style.replaceSync(`
  :where(.policysite-notice) {
    display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; padding: 0.75rem 1rem;
    border-bottom: 1px solid #b98a2c; background: #fcf1d9; color: #3a2600; font: 1rem/1.4 system-ui, sans-serif;
  }
  :where(.policysite-notice p) { margin: 0; flex: 1 1 18rem; white-space: pre-line; }
  :where(.policysite-notice a) { color: inherit; font-weight: 600; }
  :where(.policysite-notice button) {
    min-height: 2.5rem; padding: 0.25rem 1rem; border: 1px solid; border-radius: 0.4rem; background: none; color: inherit;
    font: inherit; cursor: pointer;
  }
  @media (prefers-color-scheme: dark) {
    :where(.policysite-notice) { background: #362a12; color: #f7d999; }
  }
`);

function made(name, text, attributes = {}) {
  const element = document.createElement(name);
  element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function tell(notice, noted) {
  const body = JSON.stringify({ policy: notice.policy, version: notice.version, place: "product", noted });
  return fetch(`${site}/api/v1/ack`, {
    method: "POST",
    credentials: "omit",
    headers: { ...headers, "Content-Type": "application/json" },
    body,
  });
}

function show(notice, { dismiss, introduction, language: lang }) {
  const box = made("section", "", { class: "policysite-notice", "aria-label": notice.words, lang, dir: "auto" });
  if (introduction.words) box.append(made("p", introduction.words, { lang: introduction.language, dir: "auto" }));
  box.append(made("p", notice.words), made("a", notice.label, { href: notice.url }));
  if (!notice.asks) {
    const button = made("button", dismiss, { type: "button" });
    button.addEventListener("click", () => tell(notice, true).then(() => box.remove()));
    box.append(button);
  }
  document.body.prepend(box);
  return tell(notice, false);
}

if (tag) {
  const answer = await fetch(`${site}/embed/notices.json`, { credentials: "omit", headers }).catch(() => null);
  if (answer?.ok) {
    document.adoptedStyleSheets.push(style);
    const said = await answer.json();
    // Each is put before the ones shown already: the last one given comes first.
    for (const notice of said.notices.reverse()) show(notice, said);
  }
}
