// The outbox: an idea stays on the phone until the server has named its key back. Nothing typed is ever lost.
const OUT = "outbox:";
const DRAFT = "draft:";
const RETRY = 20_000; // milliseconds between tries while something waits
const PATIENCE = 15_000; // milliseconds until a try without an answer is given up

/** localStorage, or a memory of this page's own where the browser refuses one. */
const store = (() => {
  try {
    localStorage.setItem("outbox-test", "");
    localStorage.removeItem("outbox-test");
    return localStorage;
  } catch {
    const memory = {};
    Object.defineProperties(memory, {
      setItem: { value: (name, value) => { memory[name] = value; } },
      removeItem: { value: (name) => { delete memory[name]; } },
    });
    return memory;
  }
})();

const waiting = () => Object.keys(store).filter((name) => name.startsWith(OUT));
const keepsText = (form) => form?.matches?.("form[data-keep]");
const theForm = () => document.querySelector("form[data-keep]");
const keyOf = (form) => form.elements.key;
const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2, 14)}`;
const fieldsOf = (form) => [...new FormData(form)];
// The same in every language, so that a draft survives a change of language.
const draftName = (form) => DRAFT + new URL(form.action).pathname.replace(/^\/[a-z]{2}(?=\/)/, "").toUpperCase();

function put(name, value) {
  try {
    store.setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false; // full: then the form is sent as any form is
  }
}

/** Make the form ready for the next idea; what has been typed since `sent` was sent is the next idea already. */
function free(form, sent) {
  keyOf(form).value = newKey();
  if (form.elements.text.value.trim() === sent.trim()) {
    form.elements.text.value = "";
    store.removeItem(draftName(form));
  } else {
    put(draftName(form), fieldsOf(form));
  }
}

const textOf = (name) => new URLSearchParams(JSON.parse(store[name]).fields).get("text");

function show() {
  const box = document.getElementById("outbox");
  if (!box) return;
  const names = waiting();
  box.hidden = names.length === 0;
  box.querySelector("ul").replaceChildren(...names.map((name) => {
    const item = document.createElement("li");
    item.className = "card words";
    item.dir = "auto";
    item.textContent = textOf(name);
    return item;
  }));
}

/** Keep what could not be sent, and free the form for the next idea. */
function keep(form) {
  const name = keepsText(form) && OUT + keyOf(form).value;
  if (name && store[name]) {
    free(form, textOf(name));
    show();
    document.getElementById("sent")?.remove(); // thanks for the one before would be taken for thanks for this one
    document.getElementById("outbox-heading")?.focus();
  }
}

async function send(name) {
  const { url, fields } = JSON.parse(store[name]);
  const key = name.slice(OUT.length);
  const response = await fetch(url, {
    method: "POST",
    headers: { "HX-Request": "true" },
    body: new URLSearchParams(fields),
    signal: AbortSignal.timeout?.(PATIENCE),
  });
  // Not the status: the login page of a guest network answers 200 to everything.
  if (response.headers.get("X-Ack") !== key) return false;
  const form = theForm();
  const text = textOf(name);
  if (response.status === 422) {
    if (!form || form.elements.text.value.trim()) return false; // refused: it waits until the box is free again
    form.elements.text.value = text;
    put(draftName(form), fieldsOf(form));
  }
  store.removeItem(name);
  if (response.ok && form && keyOf(form).value === key) free(form, text);
  return response.ok;
}

let sending = false;
const inHand = new Set(); // keys that the form itself is sending right now

async function flush() {
  if (sending || waiting().length === 0) return;
  sending = true;
  let sent = false;
  for (const name of waiting()) {
    if (inHand.has(name)) continue;
    try {
      sent = (await send(name)) || sent;
    } catch {
      break; // still no network
    }
  }
  sending = false;
  show();
  const mine = document.getElementById("mine");
  if (sent && mine) htmx.ajax("GET", mine.dataset.address, { target: "#mine", swap: "outerHTML" });
}

document.addEventListener("input", ({ target }) => {
  if (keepsText(target.form)) put(draftName(target.form), fieldsOf(target.form));
}, true);

document.addEventListener("submit", ({ target: form }) => {
  if (!keepsText(form) || !form.elements.text.value.trim()) return;
  const name = OUT + keyOf(form).value;
  if (put(name, { url: form.action, fields: fieldsOf(form) })) store.removeItem(draftName(form));
  inHand.add(name);
}, true);

document.addEventListener("htmx:after:request", (event) => {
  const { sourceElement: form, response } = event.detail.ctx;
  if (!keepsText(form)) return;
  if (response.headers.get("X-Ack") === keyOf(form).value) {
    if (response.status === 422) put(draftName(form), fieldsOf(form));
    store.removeItem(OUT + keyOf(form).value);
  } else {
    event.preventDefault(); // no swap: whatever this is, it is not our server's answer
    keep(form);
  }
});

document.addEventListener("htmx:error", (event) => keep(event.detail.ctx?.sourceElement));
document.addEventListener("htmx:finally:request", () => inHand.clear());
document.addEventListener("htmx:after:swap", () => {
  restore();
  show();
});
document.addEventListener("visibilitychange", () => document.hidden || flush());
addEventListener("online", flush);
addEventListener("pageshow", flush);
setInterval(flush, RETRY);

/** Put the half-written text back into an empty box: after a reload, or when an answer brought a new form. */
function restore() {
  const form = theForm();
  const draft = form && store[draftName(form)];
  if (draft && !form.elements.text.value) form.elements.text.value = new URLSearchParams(JSON.parse(draft)).get("text");
}

// A phone that others use too forgets what was half written as well.
document.addEventListener("submit", ({ target }) => {
  if (!target.matches("form[data-forget]")) return;
  for (const name of Object.keys(store)) if (name.startsWith(DRAFT)) store.removeItem(name);
}, true);

restore();
show();
