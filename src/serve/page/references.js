// Good images of this visit, as references that others are compared with.
import { by_id, set_text, plural } from "./dom.js";

export class References {
  constructor(api, state, images) {
    Object.assign(this, { api, state, images });
    this.mark = by_id("mark-good");
    this.button = by_id("use-references");
    this.mark.addEventListener("click", () => this.toggle());
    this.button.addEventListener("click", () => (state.references ? this.drop() : this.make()));
    state.on("images current references", () => this.render());
  }

  good() {
    return this.state.images.filter((entry) => entry.good);
  }

  toggle() {
    const { current } = this.state;
    if (!current) return;
    current.good = !current.good;
    this.state.emit("images");
  }

  async make() {
    const { state } = this;
    const good = this.good();
    if (!good.length) return;
    this.show("Comparing needs the good images first…");
    this.button.disabled = true;
    try {
      state.set({ references: await this.send(good), references_lost: false });
      this.show("");
    } catch (error) {
      this.show(error.message);
    }
    this.render();
  }

  async send(good) {
    for (const entry of good) await this.images.send(entry);
    const call = () => this.api.make_references(good.map((entry) => entry.id));
    try {
      return Object.assign(await call(), { keys: good.map((entry) => entry.key).join() });
    } catch (error) {
      if (error.status !== 404) throw error;
      // One of them has expired: all are sent again.
      for (const entry of good) {
        entry.id = null;
        await this.images.send(entry);
      }
      return Object.assign(await call(), { keys: good.map((entry) => entry.key).join() });
    }
  }

  drop() {
    const { references } = this.state;
    this.api.delete_references(references.id).catch(() => {});  // it expires anyway
    this.state.set({ references: null, references_lost: false });
  }

  show(text) {
    set_text(by_id("references-status"), text);
  }

  render() {
    const { state } = this;
    const { current, references, models } = state;
    const good = this.good();
    this.mark.disabled = !current || current.error !== "";
    this.mark.setAttribute("aria-pressed", current && current.good ? "true" : "false");
    this.button.disabled = !references && good.length === 0;
    const count = good.length ? plural(good.length, "good image") : "good images";
    set_text(this.button, references ? "Stop comparing" : `Compare with ${count}`);
    const own = models && models.references ? `The server compares with ${models.references}.` : "";
    let text = own || "Mark good images; others can then be compared with them.";
    if (state.references_lost) text = "The server no longer has the references: make them again.";
    if (references) {
      text = `Results are compared with ${plural(references.images, "good image")}.`;
      if (references.keys !== good.map((entry) => entry.key).join()) {
        text += " The marks have changed since: stop and compare again to use them.";
      }
    }
    this.show(text);
  }
}
