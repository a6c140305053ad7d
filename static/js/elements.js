// A policy's text, or what changed in it, inside a page of another origin. No cookies, nothing kept in the browser.
// <script type="module" src="https://policies.example.org/embed/policy.js"></script>
// <policy-text policy="privacy"><a href="https://policies.example.org/p/privacy/">Privacy policy</a></policy-text>
// <policy-changes policy="privacy" before="2" after="3"><a href="...">What changed</a></policy-changes>
// What stands between the tags is shown until the text is there, and stays where it cannot be had.
const site = new URL(import.meta.url).origin;

async function ask(path, signal) {
  const answer = await fetch(`${site}${path}`, { credentials: "omit", signal });
  if (!answer.ok) throw new Error(`${site}${path} answers with ${answer.status}`);
  return answer;
}

// The page's own rules win: those of redlines are in a layer, and what stands in none counts more.
let colored = null;
function color() {
  colored ??= ask("/embed/redline.css").then(async (answer) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(await answer.text());
    document.adoptedStyleSheets.push(sheet);
  });
  return colored;
}

class FromTheRecord extends HTMLElement {
  static observedAttributes = ["policy", "language", "version", "before", "after", "view"];

  #asked = null;

  connectedCallback() {
    this.#load();
  }

  disconnectedCallback() {
    this.#asked?.abort();
  }

  attributeChangedCallback(_name, before, now) {
    if (this.isConnected && before !== now) this.#load();
  }

  // The pages of a policy in the language that is asked for; without one, in the policy's own.
  get pages() {
    const language = this.getAttribute("language");
    const parts = [this.getAttribute("policy") ?? "", ...(language ? [language] : [])];
    return `/p/${parts.map(encodeURIComponent).join("/")}`;
  }

  async #load() {
    this.#asked?.abort();
    const asked = (this.#asked = new AbortController());
    this.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(await this.path(asked.signal), asked.signal);
      // Parsed apart, so that nothing in it could run: the server lets nothing active through either.
      const piece = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
      if (asked.signal.aborted) return;
      this.replaceChildren(document.adoptNode(piece));
      this.#goToAnchor();
      this.dispatchEvent(new CustomEvent("policyload", { bubbles: true, detail: { ...piece.dataset } }));
    } catch (error) {
      if (asked.signal.aborted) return;
      console.error(error);
      this.dispatchEvent(new CustomEvent("policyerror", { bubbles: true, detail: { message: error.message } }));
    } finally {
      if (this.#asked === asked) this.removeAttribute("aria-busy");
    }
  }

  // A link to a section was followed before the section was there.
  #goToAnchor() {
    const name = decodeURIComponent(location.hash.slice(1));
    const place = name && document.getElementById(name);
    if (place && this.contains(place)) place.scrollIntoView();
  }
}

class PolicyText extends FromTheRecord {
  path() {
    const version = this.getAttribute("version");
    return version ? `${this.pages}/v/${encodeURIComponent(version)}.html` : `${this.pages}/current.html`;
  }
}

class PolicyChanges extends FromTheRecord {
  async path(signal) {
    const [pair] = await Promise.all([this.#pair(signal), color().catch(console.error)]);
    const view = this.getAttribute("view");
    return `${this.pages}/compare/${pair.join("...")}.html${view ? `?view=${encodeURIComponent(view)}` : ""}`;
  }

  // Without a pair: what the version in force changed.
  async #pair(signal) {
    const [before, after] = [this.getAttribute("before"), this.getAttribute("after")];
    if (before && after) return [before, after].map(encodeURIComponent);
    const version = after ? `v/${encodeURIComponent(after)}` : "current";
    const facts = await (await ask(`${this.pages}/${version}.json`, signal)).json();
    if (!before && !facts.follows) throw new Error(`Version ${facts.label} is the first one: nothing changed with it.`);
    return [before ? encodeURIComponent(before) : facts.follows, facts.label];
  }
}

customElements.define("policy-text", PolicyText);
customElements.define("policy-changes", PolicyChanges);
