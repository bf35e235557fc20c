// Asks for the access token when the server wants one.
import { by_id, set_text } from "./dom.js";

// A promise of the token. The dialog cannot be left without one: nothing works before.
export function ask_token(refused) {
  const dialog = by_id("token-dialog"), field = by_id("token"), form = by_id("token-form");
  set_text(by_id("token-message"), refused ? "The server does not accept this token. Check it and try again."
    : "This server asks for an access token.");
  by_id("token-message").classList.toggle("bad", refused);
  field.value = "";
  if (!dialog.open) dialog.showModal();
  field.focus();
  return new Promise((resolve) => {
    const keep_open = (event) => event.preventDefault();
    dialog.addEventListener("cancel", keep_open);
    form.addEventListener("submit", function submit(event) {
      event.preventDefault();
      if (!field.value.trim()) return;
      form.removeEventListener("submit", submit);
      dialog.removeEventListener("cancel", keep_open);
      dialog.close();
      resolve(field.value.trim());
    });
  });
}
