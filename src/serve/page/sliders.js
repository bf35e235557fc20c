// Sliders of the standard: one for the largest area and the number of regions, always, and one for every
// other number of the text. Moving one rewrites its sentence; editing the text moves the slider.
import { by_id, element, set_text } from "./dom.js";
import { stops_for, nearest_stop } from "./scales.js";
import { TextOffsets } from "./text_offsets.js";
import { numbers_of, is_share, replace_number, add_sentence, find_permanent, plain_number,
  comparison_of, is_fixed, kAdded } from "./standard.js";

const kPermanent = {
  area: { label: "Largest area", start: 5 },
  count: { label: "Most regions", start: 5 },
};
const kComparisons = { "<": "below", "<=": "at most", "≤": "at most", ">": "above", ">=": "at least",
  "≥": "at least" };
const kKinds = { kind_limit: "Most of one kind", object_count: "Number of objects",
  pixel_size: "Size of a pixel" };

// A labelled range with a field for the exact value beside it.
export class SliderRow {
  constructor(id, on_input, on_release) {
    this.stops = [0, 1];
    this.value = 0;
    this.range = element("input", { type: "range", id, min: 0, step: 1 });
    this.exact = element("input", { type: "text", inputmode: "decimal", class: "exact",
      autocomplete: "off" });
    this.label = element("label", { for: id });
    this.unit = element("span", { class: "unit", "aria-hidden": "true" });
    this.node = element("div", { class: "slider" }, this.label, this.range,
      element("span", { class: "exact-box" }, this.exact, this.unit));
    this.range.addEventListener("input", () => this.moved(this.stops[Number(this.range.value)], on_input));
    this.range.addEventListener("change", () => on_release(this.value));
    this.exact.addEventListener("input", () => {
      this.typing = true;
    });
    this.exact.addEventListener("change", () => {
      this.typing = false;
      const value = Number(this.exact.value.replace(",", "."));
      if (this.exact.value.trim() === "" || !Number.isFinite(value) || value < 0) return this.show();
      this.moved(value, on_input);
      on_release(value);
    });
  }

  moved(value, on_input) {
    this.value = value;
    this.show();
    on_input(value);
  }

  // unset: the standard has no such number; fixed: it has, in a form that cannot be changed here.
  update({ label, unit, value, stops, unset, fixed }) {
    set_text(this.label, label);
    set_text(this.unit, unit);
    this.unit.hidden = !unit;
    this.exact.setAttribute("aria-label", `${label}, exact value${unit ? " in " + unit : ""}`);
    this.stops = stops;
    this.value = value;
    this.unset = unset;
    this.range.disabled = this.exact.disabled = Boolean(fixed);
    this.range.max = stops.length - 1;
    this.node.classList.toggle("unset", Boolean(unset));
    this.show();
  }

  show() {
    const at = String(nearest_stop(this.stops, this.value));
    if (this.range.value !== at) this.range.value = at;
    const text = this.unset ? "" : plain_number(this.value);
    // What is being typed is left alone.
    if (document.activeElement !== this.exact || !this.typing) this.exact.value = text;
    this.exact.placeholder = this.unset ? "–" : "";
    const unit = this.unit.textContent;
    const spoken = this.unset ? "not in the standard" : (text + " " + unit).trim();
    this.range.setAttribute("aria-valuetext", spoken);
    const filled = this.unset ? 0 : 100 * Number(at) / (this.stops.length - 1);
    this.range.style.setProperty("--filled", `${filled}%`);
  }
}

export class StandardSliders {
  // on_text(text, answer, released): the text as a slider has rewritten it.
  constructor(state, on_text) {
    this.state = state;
    this.on_text = on_text;
    this.box = by_id("standard-sliders");
    this.rows = new Map();
    state.on("check models current", () => this.render());
  }

  sides() {
    const { current } = this.state;
    return current && current.width ? Math.max(current.width, current.height) : 1000;
  }

  // [{key, number}]: a slider keeps its key while its number stays, so that it can be dragged while
  // answers arrive.
  wanted() {
    const { check } = this.state;
    const answer = check && check.answer;
    const wanted = Object.keys(kPermanent).map((key) => ({ key, number: find_permanent(answer, key) }));
    let other = 0;
    for (const { number } of numbers_of(answer)) {
      if (number.kind === "limit" || wanted.some((row) => row.number === number)) continue;
      wanted.push({ key: "number" + other++, number });
    }
    return wanted;
  }

  render() {
    const wanted = this.wanted();
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, row] of this.rows) {
      if (keys.has(key)) continue;
      row.node.remove();
      this.rows.delete(key);
    }
    for (const { key, number } of wanted) this.row(key).update(this.describe(key, number));
  }

  row(key) {
    let row = this.rows.get(key);
    if (!row) {
      row = new SliderRow("slider-" + key, (value) => this.move(key, value, false),
        (value) => this.move(key, value, true));
      this.rows.set(key, row);
      this.box.append(row.node);
    }
    return row;
  }

  describe(key, number) {
    const permanent = kPermanent[key];
    if (!number) {
      const ghost = kAdded[key].number;
      const value = permanent.start;
      const fixed = is_fixed(this.state.check && this.state.check.answer, key);
      return { label: permanent.label, unit: ghost.unit, value, unset: true, fixed,
        stops: stops_for(Object.assign({ value }, ghost), this.sides()) };
    }
    const { check } = this.state;
    const share = is_share(check.text, new TextOffsets(check.text), number);
    const unit = share ? number.unit.replace(/^%\s*/, "") : number.unit || "";
    return { label: permanent ? permanent.label : this.label(number), unit, value: number.value,
      stops: stops_for(Object.assign({ share }, number), this.sides()) };
  }

  label(number) {
    if (number.kind !== "rule") return kKinds[number.kind] || "Number";
    const quantity = number.quantity || "value";
    const name = quantity[0].toUpperCase() + quantity.slice(1);
    if (!Number.isInteger(number.rule)) return name;
    const comparison = kComparisons[comparison_of(this.state.check.answer, number)] || "";
    return `Rule ${number.rule + 1}: ${quantity} ${comparison}`.trim();
  }

  move(key, value, released) {
    const { state } = this;
    // Offsets belong to the text that was read. While newer typing is being read, a slider waits.
    if (state.check && state.check.text !== state.text) return this.render();
    const found = this.wanted().find((row) => row.key === key);
    if (!found) return;
    const answer = state.check && state.check.answer;
    if (found.number && found.number.value === value) {
      if (released) this.on_text(state.text, answer, true);
      return;
    }
    const changed = found.number ? replace_number(state.text, answer, found.number, value)
      : add_sentence(state.text, answer, key, value);
    this.on_text(changed.text, changed.answer, released);
  }

  // Leads to what rejects a candidate: its slider, and the sentence in the text. False if there is none.
  reveal(rejected_by, editor) {
    const found = this.wanted().find(({ number }) => number && matches(number, rejected_by));
    if (!found) return false;
    const row = this.rows.get(found.key);
    const { answer } = this.state.check;
    editor.flash(numbers_of(answer).find(({ number }) => number === found.number).sentence);
    row.range.focus();
    row.node.scrollIntoView({ block: "nearest" });
    row.node.classList.remove("called");
    void row.node.offsetWidth;  // restarts the animation
    row.node.classList.add("called");
    return true;
  }
}

function matches(number, rejected_by) {
  if (rejected_by.by === "rule") return number.kind === "rule" && number.rule === rejected_by.rule;
  if (rejected_by.by === "max_regions") return number.kind === "max_regions";
  return rejected_by.by === "kind_limit" && number.kind === "kind_limit";
}
