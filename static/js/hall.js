// The screen in the hall: keeps what it last knew when the network is gone, and says so.
const offline = document.querySelector(".offline");

/** Smaller letters and shorter titles while there is too much, down to what five metres allow; then it says so. */
function fit() {
  const lists = document.querySelector(".lists");
  const overflows = () => lists.scrollWidth > lists.clientWidth + 1; // what has no room begins one more column
  const sizes = [1, 0.92, 0.86];
  lists.classList.remove("dense");
  for (const size of sizes) {
    lists.style.setProperty("--fit", size);
    if (!overflows()) break;
  }
  lists.classList.toggle("dense", overflows());
  document.querySelector(".more").hidden = !overflows();
}

// A proxy's error, or a captive portal's page, is not what happens here: the screen stays as it is.
document.addEventListener("htmx:after:request", (event) => {
  const { response, text } = event.detail.ctx;
  const ours = response.status === 200 && text.includes('id="hall"');
  if (!ours) event.preventDefault();
  offline.hidden = ours;
});
document.addEventListener("htmx:error", () => { offline.hidden = false; });
document.addEventListener("htmx:after:swap", fit);
addEventListener("resize", fit);
fit();
