// All candidates of the image on show: which regions were kept, which were rejected, by what and by how much.
import { by_id, element, replace_children, format_score, set_text, plural } from "./dom.js";
import { region_color } from "./color_map.js";
import { score_limit } from "./state.js";

const kMostRows = 200;
const kReasons = {
  not_named: "Only named kinds count", object_name: "Names the object", empty_mask: "Empty mask",
  ignored_area: "In an ignored area", reference: "The references look the same",
};

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// The measured value with its unit. The text has both ("area 3.08% of the object; the rule: ..."), rounded
// for people; the value alone is a fraction where the rule is in percent.
export function measured(rejected) {
  if (rejected.by === "rule") {
    const said = (rejected.text || "").split("; the rule")[0];
    const found = /(-?\d[\d.]*(?:e[-+]?\d+)?)\s*(%|px2|mm2|px|mm)?/.exec(said);
    if (found) return found[1] + (found[2] ? " " + found[2].replace("2", "²") : "");
    return said.includes("none") ? "none" : "–";
  }
  const known = rejected.by !== "empty_mask" && Number.isFinite(rejected.value);
  return known ? format_score(rejected.value) : "–";
}

function reason(rejected) {
  if (rejected.by === "rule") return `Rule ${rejected.rule + 1}: ${rejected.rule_text}`;
  if (rejected.by === "max_regions") {
    return rejected.limit === 1 ? "Only the best region is kept" : `Only the ${rejected.limit} best are kept`;
  }
  if (rejected.by === "kind_limit") return `At most ${rejected.limit} of this kind`;
  return kReasons[rejected.by] || "Rejected";
}

export class RegionsTable {
  // on_change(rejected_by): the person wants to change what rejects a region.
  constructor(state, on_change) {
    this.state = state;
    this.on_change = on_change;
    this.body = by_id("regions-body");
    this.rows = new Map();
    state.on("current result own_limit check", () => this.render());
    state.on("pointed", () => this.highlight());
    this.body.addEventListener("pointerleave", () => state.set({ pointed: null }));
  }

  render() {
    const { current } = this.state;
    const result = current && current.result;
    const limit = score_limit(this.state);
    const key = [result, limit, current && current.error];
    if (this.key && key.every((value, i) => value === this.key[i])) return;
    this.key = key;
    this.rows.clear();
    const candidates = result ? result.candidates : [];
    let kept = 0;
    const rows = candidates.slice(0, kMostRows).map((candidate) => (
      this.row(candidate, candidate.kept ? region_color(kept++) : null, limit)));
    // A button that had the focus is replaced by the one of the same region.
    const focused = this.body.contains(document.activeElement) ? document.activeElement.dataset : null;
    replace_children(this.body, ...rows);
    if (focused) {
      const again = this.body.querySelector(`[data-id="${focused.id}"][data-role="${focused.role}"]`);
      if (again) again.focus();
    }
    by_id("regions-table").hidden = rows.length === 0;
    set_text(by_id("regions-empty"), this.empty_text(current, result));
    by_id("regions-empty").hidden = rows.length > 0;
    const more = candidates.length - rows.length;
    by_id("regions-more").hidden = more <= 0;
    set_text(by_id("regions-more"), `${plural(more, "more rejected region")} in the JSON file.`);
    this.show_notes(result);
    this.highlight();
  }

  empty_text(current, result) {
    if (!current) return "Regions are listed here once an image is open.";
    if (current.error) return "There is no result for this image.";
    return result ? "Nothing was found in this image." : "The image is being inspected.";
  }

  show_notes(result) {
    const notes = result ? result.notes || [] : [];
    replace_children(by_id("result-notes"), ...notes.map((note) => element("li", { text: note })));
    by_id("result-notes").hidden = notes.length === 0;
  }

  row(candidate, color, limit) {
    const rejected = candidate.rejected_by;
    const below = candidate.kept && limit !== null && candidate.refined_score < limit;
    const look = color ? "swatch" : "swatch swatch-rejected";
    const swatch = element("span", { class: look, "aria-hidden": "true" });
    if (color) swatch.style.setProperty("--color", color);
    const name = element("button", {
      type: "button", class: "region-name", "data-id": candidate.id, "data-role": "name",
      title: "Show the region", onclick: () => this.show_region(candidate.id),
    }, swatch, element("span", { text: candidate.phrase }));
    const state = candidate.kept ? (below ? "Kept, below limit" : "Kept") : "Rejected";
    const row = element("tr", {
      class: candidate.kept ? (below ? "kept below" : "kept") : "rejected",
      onpointerenter: () => this.point(candidate.id),
      onfocusin: () => this.point(candidate.id),
      onfocusout: () => this.state.set({ pointed: null }),
    },
    element("th", { scope: "row" }, name),
    element("td", { class: "state", "data-label": "Result", text: state }),
    element("td", { class: "number", "data-label": "Score", text: format_score(candidate.refined_score) }),
    element("td", { class: "number", "data-label": "Area", text: `${candidate.area} px` }),
    element("td", { class: "reason", "data-label": "Reason" }, ...this.reason_cell(candidate, rejected)),
    element("td", { class: "number", "data-label": "Measured", text: rejected ? measured(rejected) : "" }));
    this.rows.set(candidate.id, row);
    return row;
  }

  reason_cell(candidate, rejected) {
    if (!rejected) return [];
    const text = reason(rejected);
    const changeable = ["rule", "max_regions", "kind_limit"].includes(rejected.by);
    const main = !changeable ? element("span", { text }) : element("button", {
      type: "button", class: "link", text, "data-id": candidate.id, "data-role": "reason",
      title: "Change this in the standard", onclick: () => this.on_change(rejected),
    });
    return [main, element("span", { class: "explanation", text: capital(rejected.text || "") })];
  }

  // On a phone the image may be out of view.
  show_region(id) {
    this.point(id);
    by_id("stage").scrollIntoView({ block: "nearest" });
  }

  point(id) {
    this.state.set({ pointed: id, dimmed: true });
  }

  highlight() {
    for (const [id, row] of this.rows) row.classList.toggle("pointed", id === this.state.pointed);
  }
}
