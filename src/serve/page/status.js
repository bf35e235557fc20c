// What goes on between the page and the server: work under way, a lost connection, an image's error.
import { by_id, set_text } from "./dom.js";
import { result_key } from "./state.js";

export class Status {
  constructor(api, state, on_back) {
    Object.assign(this, { api, state, on_back });
    by_id("retry").addEventListener("click", () => this.try_again());
    by_id("message-close").addEventListener("click", () => this.message(""));
    state.on("connection", () => this.render_connection());
    state.on("busy current images result judged_text references", () => this.render_work());
    state.on("models", () => this.render_model());
  }

  // A passing message about something the person has just done.
  message(text) {
    by_id("message").hidden = text === "";
    set_text(by_id("message-text"), text);
  }

  render_connection() {
    const { connection } = this.state;
    by_id("connection").hidden = connection === "ok";
    set_text(by_id("connection-text"), connection === "busy"
      ? "The server is busy. The page tries again by itself."
      : "The server does not answer. The page tries again every two seconds.");
    by_id("retry").hidden = connection !== "gone";
    this.render_work();
  }

  async try_again() {
    if (await this.api.alive()) {
      this.state.set({ connection: "ok" });
      this.on_back();
    }
  }

  render_work() {
    const { state } = this;
    const { current } = state;
    const stale = current && !current.error && current.result_key !== result_key(state);
    const working = Boolean(current && (current.working || stale) && state.connection === "ok");
    const main = by_id("main");
    main.setAttribute("aria-busy", working ? "true" : "false");
    // A quick answer needs no indicator; it would only flicker.
    clearTimeout(this.timer);
    if (!working) main.classList.remove("working");
    else this.timer = setTimeout(() => main.classList.add("working"), 150);
    main.dataset.state = !current ? "empty" : current.error ? "error" : current.result ? "result" : "working";
    const empty = by_id("empty");
    // Whoever has opened a sample by keys goes on at the image.
    const leaves = current && empty.contains(document.activeElement);
    empty.hidden = Boolean(current);
    if (leaves) by_id("stage").focus();
    by_id("image-error").hidden = !(current && current.error);
    if (current && current.error) set_text(by_id("image-error-text"), current.error);
  }

  render_model() {
    const { models } = this.state;
    if (!models) return;
    const method = models.method === "anomalyvlm" ? "" : models.method + ", ";
    // The engine's build and device are for the title.
    const engine = models.engine.split(/[,-]/)[0];
    set_text(by_id("model"), `${method}${models.profile}, version ${models.version}, ${engine}`);
    by_id("model").title = [models.engine].concat(models.models || []).join("\n");
    by_id("standard").classList.toggle("without-words", models.takes_words === false);
    by_id("no-words").hidden = models.takes_words !== false;
    by_id("standard-form").hidden = models.takes_words === false;
    by_id("layer-object").closest("label").hidden = models.takes_object === false;
  }
}
