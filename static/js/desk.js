// What the desk adds where scripts run: tabs, a guard for unsaved work, and a Tab key that leaves the editor.
// Without it the panels stand below each other and everything still works.

const tabs = (group) => {
  const list = group.querySelector(":scope > .desk-tabs");
  const links = [...list.querySelectorAll("a")];
  const panels = links.map((link) => document.getElementById(link.hash.slice(1)));

  const show = (index, focus = false) => {
    links.forEach((link, i) => {
      link.setAttribute("aria-selected", i === index);
      link.tabIndex = i === index ? 0 : -1;
      panels[i].hidden = i !== index;
    });
    if (focus) links[index].focus();
  };

  list.setAttribute("role", "tablist");
  links.forEach((link, i) => {
    link.parentElement.setAttribute("role", "presentation");
    link.setAttribute("role", "tab");
    link.id ||= `tab-${link.hash.slice(1)}`;
    link.setAttribute("aria-controls", panels[i].id);
    panels[i].setAttribute("role", "tabpanel");
    panels[i].setAttribute("aria-labelledby", link.id);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      show(i);
    });
    link.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) show((i + step + links.length) % links.length, true);
    });
  });

  group.classList.add("desk-tabbed");
  // A panel with a mistake in it, or the one that the address names, comes first.
  const asked = links.findIndex((link) => link.hash === location.hash);
  const wrong = panels.findIndex((panel) => panel.querySelector(".desk-field--wrong"));
  show(Math.max(asked, wrong, 0));
};

const guard = (form) => {
  const mark = form.querySelector("[data-dirty]");
  let dirty = Boolean(document.querySelector(".desk-note--bad"));
  const remember = () => {
    dirty = true;
    if (mark) mark.hidden = false;
  };
  form.addEventListener("input", remember);
  form.addEventListener("change", remember);
  form.addEventListener("submit", () => {
    dirty = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
};

// markdownx takes the Tab key for itself, which would hold a keyboard fast, and sends dropped pictures to an upload
// that is refused here. Both are stopped before its own listeners.
const free = (editor) => {
  const box = editor.closest(".markdownx");
  // It scrolls, so the keyboard has to reach it.
  const preview = box.querySelector(".markdownx-preview");
  preview.tabIndex = 0;
  preview.setAttribute("role", "region");
  preview.setAttribute("aria-label", editor.form.dataset.preview);
  box.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Tab") event.stopPropagation();
    },
    true,
  );
  for (const kind of ["drop", "paste"]) {
    box.addEventListener(
      kind,
      (event) => {
        const files = (event.dataTransfer || event.clipboardData)?.files;
        if (files?.length) {
          event.preventDefault();
          event.stopPropagation();
        }
      },
      true,
    );
  }
};

// Writes a proposal into the form, where the editor sees it, and goes there. Nothing is saved.
const fill = (button) => {
  const values = JSON.parse(button.dataset.fill);
  button.hidden = false;
  button.addEventListener("click", () => {
    const form = document.querySelector("form[data-guard]");
    let first = null;
    for (const [name, value] of Object.entries(values)) {
      for (const part of form.querySelectorAll(`[name="${name}"]`)) {
        if (part.type === "radio" || part.type === "checkbox") part.checked = [value].flat().includes(part.value);
        else part.value = value;
        if (!first && (part.checked || part.type !== "radio")) first = part;
      }
    }
    form.dispatchEvent(new Event("change"));
    first?.focus();
  });
};

// How far below its upper edge a box has what follows `text`. Long lines are broken, so it is laid out once more, unseen.
const heightOf = (text, editor) => {
  const probe = editor.cloneNode();
  probe.removeAttribute("name");
  probe.removeAttribute("id");
  probe.tabIndex = -1;
  Object.assign(probe.style, { position: "absolute", visibility: "hidden", minBlockSize: 0, blockSize: 0 });
  probe.style.inlineSize = `${editor.offsetWidth}px`;
  probe.value = text;
  editor.after(probe);
  const height = probe.scrollHeight - Number.parseFloat(getComputedStyle(probe).paddingBlockEnd);
  probe.remove();
  return height;
};

// Puts the cursor on the line that a warning is about, and brings that line into the upper half of the window.
const jump = (button) => {
  const editor = document.querySelector(`[name="${button.dataset.editor}"]`);
  button.hidden = !editor;
  button.addEventListener("click", () => {
    const lines = editor.value.split("\n");
    const before = lines.slice(0, button.dataset.line - 1);
    const start = before.join("\n").length + (before.length ? 1 : 0);
    document.querySelector(`[href="#${editor.closest(".desk-panel").id}"]`)?.click();
    editor.focus({ preventScroll: true });
    editor.setSelectionRange(start, start + lines[before.length].length);
    const height = before.length ? heightOf(before.join("\n"), editor) : 0;
    editor.scrollTop = height - editor.clientHeight / 3;
    const top = editor.getBoundingClientRect().top + height - editor.scrollTop;
    window.scrollBy(0, top - window.innerHeight / 3);
  });
};

// A browser is content with the caret of a long box being in sight; the box has to lie above the bar.
const aboveTheBar = (event) => {
  if (event.key === "Tab") document.activeElement.scrollIntoView({ block: "nearest" });
};

if (document.querySelector(".desk-bar")) document.addEventListener("keyup", aboveTheBar);
document.querySelectorAll("[data-line]").forEach(jump);
document.querySelectorAll("[data-fill]").forEach(fill);
document.querySelectorAll("[data-tabs]").forEach(tabs);
document.querySelectorAll("form[data-guard]").forEach(guard);
document.querySelectorAll(".markdownx-editor").forEach(free);
