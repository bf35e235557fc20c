// Whether recent images differ from the server's first ones: read when the panel is opened.
import { by_id, element, replace_children, format_number, plural } from "./dom.js";

const kRows = { score: "Image score", brightness: "Brightness", sharpness: "Sharpness" };

export class Drift {
  constructor(api) {
    this.api = api;
    this.panel = by_id("drift");
    this.body = by_id("drift-body");
    this.panel.addEventListener("toggle", () => this.panel.open && this.load());
    by_id("drift-refresh").addEventListener("click", () => this.load());
  }

  async load() {
    try {
      this.show(await this.api.drift());
    } catch (error) {
      replace_children(this.body, element("p", { class: "hint", text: error.message }));
    }
  }

  show(drift) {
    const cell = (text) => element("td", { class: "number", text });
    const value = (part, name) => format_number(part && part[name] !== null ? part[name] : NaN);
    const rows = Object.entries(kRows).filter(([key]) => drift[key]).map(([key, title]) => {
      const { first, last, distance } = drift[key];
      const known = distance !== null && distance !== undefined;
      return element("tr", {}, element("th", { scope: "row", text: title }),
        cell(value(first, "mean")), cell(value(last, "mean")),
        cell(value(first, "p90")), cell(value(last, "p90")),
        cell(known ? format_number(distance) : "–"));
    });
    const head = ["", "Mean, first", "Mean, last", "P90, first", "P90, last", "Distance"];
    replace_children(this.body,
      element("p", { class: "hint", text: `The server's first ${drift.window} images against its last ` +
        `${drift.window}; ${plural(drift.images, "image")} so far.` }),
      element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Drift values" },
        element("table", { class: "drift-table" },
          element("thead", {}, element("tr", {}, ...head.map((text) => (
            text ? element("th", { scope: "col", text }) : element("td", {}))))),
          element("tbody", {}, ...rows))));
  }
}
