// Share a page with what the phone has for it; else copy its address. Where neither can be, the address stands on the page.
const button = document.querySelector("[data-share]");
const url = button?.dataset.share;
const canShare = navigator.share && (!navigator.canShare || navigator.canShare({ url }));

if (button && (canShare || navigator.clipboard)) {
  const address = document.getElementById("address");
  button.hidden = false;
  address.hidden = true;
  button.addEventListener("click", async () => {
    try {
      if (canShare) await navigator.share({ title: document.title, url });
      else {
        await navigator.clipboard.writeText(url);
        document.getElementById("status").textContent = button.dataset.copied;
      }
    } catch (error) {
      if (error.name !== "AbortError") address.hidden = false; // the phone said no: then the address helps
    }
  });
}
