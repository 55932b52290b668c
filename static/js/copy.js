// Take words from a page to where others read them: shared by the phone, else copied, else marked to be copied by hand.
const words = (button) => document.getElementById(button.dataset.words);

const copy = async (button) => {
  const area = words(button);
  try {
    await navigator.clipboard.writeText(area.value);
    document.getElementById("status").textContent = button.dataset.copied;
  } catch { // not on this phone, or not over plain http
    area.focus();
    area.select();
  }
};
const share = async (button) => {
  try {
    await navigator.share({ text: words(button).value });
  } catch (error) {
    if (error.name !== "AbortError") await copy(button);
  }
};

for (const button of document.querySelectorAll("[data-words]")) {
  const shares = button.dataset.how === "share";
  if (shares && !navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => (shares ? share : copy)(button));
}
