// The image scores of this visit as a histogram, with the limit as a line that can be dragged or moved by
// keys. Images marked as good have a colour of their own, so that a limit can be chosen by looking.
import { by_id, set_text, format_score, plural } from "./dom.js";
import { result_key, score_limit } from "./state.js";

const kBins = 40;
const kAxisEnds = [1, 1.5, 2, 3, 5, 7.5, 10];
const kSvg = "http://www.w3.org/2000/svg";
const kHeight = 132, kLeft = 12, kRight = 12, kTop = 18, kBottom = 22;

function svg(tag, attributes, text) {
  const node = document.createElementNS(kSvg, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

// The least round number that is not below the value.
function round_up(value, factors) {
  const power = Math.pow(10, Math.floor(Math.log10(value)));
  const step = factors.find((factor) => factor * power >= value * 0.9999);
  return Number((step * power).toPrecision(6));
}

// Into how many parts ticks divide the axis, so that all of them are round.
function tick_parts(most) {
  const digits = Number(most.toExponential().split("e")[0]);
  return { 1: 4, 1.5: 3, 2: 4, 3: 3, 5: 5, 7.5: 3 }[digits] || 4;
}

// Counts per bin: {good: [...], other: [...]}.
export function count_bins(entries, most) {
  const bins = { good: new Array(kBins).fill(0), other: new Array(kBins).fill(0) };
  for (const entry of entries) {
    const bin = Math.min(kBins - 1, Math.max(0, Math.floor(entry.score / most * kBins)));
    bins[entry.good ? "good" : "other"][bin]++;
  }
  return bins;
}

export class Histogram {
  constructor(state, on_limit) {
    this.state = state;
    this.on_limit = on_limit;
    this.plot = by_id("histogram");
    this.range = by_id("limit");
    this.exact = by_id("limit-exact");
    this.most = 1;
    this.range.addEventListener("input", () => on_limit(this.of_range(), false));
    this.range.addEventListener("change", () => on_limit(this.of_range(), true));
    this.exact.addEventListener("change", () => this.typed());
    by_id("limit-clear").addEventListener("click", () => on_limit(null, true));
    this.plot.addEventListener("pointerdown", (event) => this.drag(event));
    this.width = 400;
    state.on("own_limit", () => this.render());
    state.on("images result check current models references judged_text", () => this.render_soon());
    new ResizeObserver((entries) => {
      this.width = Math.max(200, entries[0].contentRect.width);
      this.render();
    }).observe(this.plot);
  }

  of_range() {
    return Number((Math.max(1, Number(this.range.value)) * this.step).toPrecision(4));
  }

  typed() {
    const text = this.exact.value.trim().replace(",", ".");
    if (text === "") return this.on_limit(null, true);
    const value = Number(text);
    if (Number.isFinite(value) && value > 0) this.on_limit(value, true);
    else this.render();
  }

  drag(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    this.range.focus();
    this.plot.setPointerCapture(event.pointerId);
    const move = (at) => {
      const box = this.plot.getBoundingClientRect();
      const share = (at.clientX - box.left - kLeft) / (box.width - kLeft - kRight);
      this.on_limit(Math.max(0.005, Number((Math.min(Math.max(share, 0), 1) * this.most).toFixed(3))), false);
    };
    const up = () => {
      this.plot.removeEventListener("pointermove", move);
      this.plot.removeEventListener("pointerup", up);
      this.plot.removeEventListener("pointercancel", up);
      this.on_limit(score_limit(this.state), true);
    };
    this.plot.addEventListener("pointermove", move);
    this.plot.addEventListener("pointerup", up);
    this.plot.addEventListener("pointercancel", up);
    move(event);
  }

  // Many changes come together, and none of them is urgent: the overlay comes first.
  render_soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.render(), 60);
  }

  render() {
    clearTimeout(this.timer);
    const { state } = this;
    const scored = state.images.filter((entry) => entry.score !== null);
    const limit = score_limit(state);
    const to_one = !state.models || state.models.scores_to_one;
    const highest = Math.max(to_one ? 1 : 1e-6, limit || 0, ...scored.map((entry) => entry.score));
    this.most = round_up(highest, kAxisEnds);
    this.show_limit(limit);
    this.draw(scored, limit);
    this.summarize(scored, limit);
  }

  show_limit(limit) {
    const unset = limit === null;
    // About 100 to 200 steps, at round values.
    this.step = round_up(this.most / 200, [1, 2, 5, 10]);
    this.range.max = Math.round(this.most / this.step);
    const at = unset ? 0 : Math.round(limit / this.step);
    if (Number(this.range.value) !== at) this.range.value = at;
    this.range.setAttribute("aria-valuetext", unset ? "not set" : format_score(limit));
    this.range.style.setProperty("--filled", `${100 * at / Number(this.range.max)}%`);
    this.range.closest(".slider").classList.toggle("unset", unset);
    const text = unset ? "" : String(Number(limit.toPrecision(4)));
    // What is being typed is left alone.
    if (document.activeElement !== this.exact) this.exact.value = text;
    by_id("limit-clear").hidden = this.state.own_limit === null;
  }

  draw(scored, limit) {
    const { width } = this;
    const x_of = (value) => kLeft + value / this.most * (width - kLeft - kRight);
    const floor = kHeight - kBottom;
    this.plot.setAttribute("viewBox", `0 0 ${width} ${kHeight}`);
    this.plot.textContent = "";
    const bins = count_bins(scored, this.most);
    const tallest = Math.max(1, ...bins.good.map((good, i) => good + bins.other[i]));
    const unit = Math.min(22, (floor - kTop) / tallest);
    const step = (width - kLeft - kRight) / kBins;
    for (let i = 0; i < kBins; i++) {
      const x = kLeft + i * step + 1;
      const bar = (count, y, kind) => count && this.plot.append(svg("rect", {
        class: "bar bar-" + kind, x, y: y - count * unit, width: Math.max(1, step - 2),
        height: Math.max(1, count * unit - 1),
      }));
      bar(bins.good[i], floor, "good");
      bar(bins.other[i], floor - bins.good[i] * unit, "other");
    }
    this.plot.append(svg("line", { class: "axis", x1: kLeft, x2: width - kRight, y1: floor, y2: floor }));
    const parts = tick_parts(this.most);
    for (let i = 0; i <= parts; i++) {
      const value = this.most * i / parts;
      const anchor = i === 0 ? "start" : i === parts ? "end" : "middle";
      this.plot.append(svg("text", { class: "tick", x: x_of(value), y: kHeight - 6, "text-anchor": anchor },
        String(Number(value.toPrecision(3)))));
    }
    const { current } = this.state;
    if (current && current.score !== null) {
      const x = x_of(Math.min(Math.max(current.score, 0), this.most));
      this.plot.append(svg("path", { class: "current", d: `M${x} ${floor + 1} l-5 8 h10 z` }));
    }
    if (limit !== null) this.draw_limit(x_of(limit), floor, limit, width);
  }

  draw_limit(x, floor, limit, width) {
    this.plot.append(svg("line", { class: "limit-line", x1: x, x2: x, y1: 4, y2: floor }));
    this.plot.append(svg("circle", { class: "limit-knob", cx: x, cy: 7, r: 5 }));
    const right = x < width / 2;
    this.plot.append(svg("text", { class: "limit-text", x: x + (right ? 9 : -9), y: 11,
      "text-anchor": right ? "start" : "end" }, `limit ${format_score(limit)}`));
  }

  summarize(scored, limit) {
    const key = result_key(this.state);
    const stale = scored.filter((entry) => entry.score_key !== key).length;
    let text = "Scores appear here as images are inspected.";
    if (scored.length) {
      text = plural(scored.length, "image");
      if (limit !== null) {
        const bad = scored.filter((entry) => entry.score >= limit || entry.no_content).length;
        text += `: ${scored.length - bad} OK, ${bad} not OK`;
        const good = scored.filter((entry) => entry.good);
        const wrong = good.filter((entry) => entry.score >= limit).length;
        if (good.length) text += `. Of ${plural(good.length, "good image")}, ${wrong} not OK`;
      }
      text += ".";
      if (stale) text += ` ${plural(stale, "score")} being updated.`;
    }
    set_text(by_id("histogram-summary"), text);
    this.plot.setAttribute("aria-label", `Histogram of image scores from 0 to ${this.most}. ${text}`);
  }
}
