// Small helps for every page: what to say when the network is gone, and a language list that closes.
const status = document.getElementById("status");

const say = (text) => { if (status) status.textContent = text; };
const busy = (event, on) => {
  const { sourceElement } = event.detail.ctx;
  if (sourceElement?.matches?.("form")) sourceElement.setAttribute("aria-busy", on);
};

document.addEventListener("htmx:before:request", (event) => {
  busy(event, true);
  say("");
});
document.addEventListener("htmx:finally:request", (event) => busy(event, false));
document.addEventListener("htmx:error", (event) => {
  const source = event.detail.ctx?.sourceElement;
  const asked = event.detail.ctx && !source?.matches?.("[data-keep], [hx-trigger]"); // those try again by themselves
  if (asked) say(document.getElementById("no-network").content.textContent);
});

const picker = document.querySelector("details.languages");
document.addEventListener("click", ({ target }) => {
  if (picker?.open && !picker.contains(target)) picker.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && picker?.open) {
    picker.open = false;
    picker.querySelector("summary").focus();
  }
});
