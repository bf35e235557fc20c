// The images of this visit as a row of thumbnails with the marks of their verdicts.
import { by_id, element, replace_children, format_score } from "./dom.js";
import { score_limit, verdict_of } from "./state.js";

const kMarks = { "OK": "OK", "not OK": "NOT OK" };

export class Strip {
  constructor(state, images) {
    this.state = state;
    this.images = images;
    this.box = by_id("strip-list");
    this.items = new Map();
    state.on("images current own_limit check result", () => this.render());
    this.box.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -1, PageDown: 1 }[event.key];
    if (event.key === "Delete" && this.state.current) this.images.remove(this.state.current);
    else if (step) this.images.step(step);
    else return;
    event.preventDefault();
    const item = this.items.get(this.state.current && this.state.current.key);
    if (item) item.button.focus();
  }

  render() {
    const { images, current } = this.state;
    by_id("strip").hidden = images.length === 0;
    const alive = new Set(images.map((entry) => entry.key));
    for (const [key, item] of this.items) {
      if (alive.has(key)) continue;
      item.node.remove();
      this.items.delete(key);
    }
    for (const entry of images) {
      if (!this.items.has(entry.key)) {
        const item = this.make(entry);
        this.items.set(entry.key, item);
        this.box.append(item.node);
      }
      this.update(this.items.get(entry.key), entry);
    }
    const shown = current && this.items.get(current.key);
    if (shown && this.shown !== current.key) {
      this.shown = current.key;
      shown.node.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  make(entry) {
    const frame = element("span", { class: "thumb-frame" });
    const mark = element("span", { class: "thumb-mark" });
    const good = element("span", { class: "thumb-good", text: "good", hidden: true });
    const name = element("span", { class: "thumb-name", text: entry.name });
    const button = element("button", {
      type: "button", class: "thumb", title: entry.name, onclick: () => this.images.show(entry),
    }, frame, name, mark, good);
    const close = element("button", {
      type: "button", class: "thumb-close", "aria-label": `Close ${entry.name}`, title: "Close the image",
      onclick: () => this.images.remove(entry),
    });
    return { node: element("li", {}, button, close), button, frame, mark, good };
  }

  update(item, entry) {
    const shown = entry === this.state.current;
    if (shown) item.button.setAttribute("aria-current", "true");
    else item.button.removeAttribute("aria-current");
    if (entry.thumb && item.frame.firstChild !== entry.thumb) replace_children(item.frame, entry.thumb);
    const verdict = verdict_of(entry, score_limit(this.state));
    const score = entry.score === null ? "" : format_score(entry.score);
    item.mark.textContent = entry.error ? "Error" : kMarks[verdict] || score || "…";
    item.mark.className = "thumb-mark " +
      (entry.error ? "bad" : verdict === "OK" ? "good" : verdict ? "bad" : "none");
    const title = entry.name + (score ? `, score ${score}` : "");
    item.button.title = title + (entry.error ? `: ${entry.error}` : "");
    item.good.hidden = !entry.good;
  }
}
