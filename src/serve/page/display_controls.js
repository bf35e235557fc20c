// How the result is displayed: layers, opacity, gain, the threshold of the mask, and the colour scale.
import { by_id, element, replace_children, set_text, format_number } from "./dom.js";
import { full_scale, mask_threshold } from "./state.js";
import { geometric, linear } from "./scales.js";
import { SliderRow } from "./sliders.js";
import { heat_color } from "./color_map.js";

const kGains = geometric(0.25, 20, false);
const kOpacities = linear(0, 100, 5);

export class DisplayControls {
  constructor(state) {
    this.state = state;
    for (const box of document.querySelectorAll("[data-layer]")) {
      box.checked = state.layers[box.dataset.layer];
      box.addEventListener("change", () => state.set({
        layers: Object.assign({}, state.layers, { [box.dataset.layer]: box.checked }),
      }));
    }
    const nothing = () => {};
    this.opacity = new SliderRow("opacity", (value) => state.set({ opacity: value / 100 }), nothing);
    this.gain = new SliderRow("gain", (value) => value > 0 && state.set({ gain: value }), nothing);
    this.threshold = new SliderRow("threshold", (value) => state.set({ threshold: value }), nothing);
    by_id("display-sliders").append(this.opacity.node, this.gain.node, this.threshold.node);
    this.paint_scale();
    state.on("layers opacity gain threshold current result models", () => this.render());
    this.render();
  }

  render() {
    const { state } = this;
    const entry = state.current;
    for (const box of document.querySelectorAll("[data-layer]")) {
      box.checked = state.layers[box.dataset.layer];
    }
    this.opacity.update({ label: "Opacity of the map", unit: "%", stops: kOpacities,
      value: Math.round(100 * state.opacity) });
    this.gain.update({ label: "Gain of the map", unit: "", stops: kGains, value: state.gain });
    const full = full_scale(state, entry) * state.gain;
    const threshold = mask_threshold(state, entry);
    this.threshold.update({ label: "Threshold of the mask", unit: "", value: Number(threshold.toPrecision(4)),
      stops: full === 1 ? linear(0.02, 1, 0.02) : linear(full / 50, full, full / 50) });
    this.label_scale(threshold);
  }

  paint_scale() {
    const canvas = by_id("scale-colors");
    const context = canvas.getContext("2d");
    for (let x = 0; x < canvas.width; x++) {
      context.fillStyle = `rgb(${heat_color(x / (canvas.width - 1)).join()})`;
      context.fillRect(x, 0, 1, canvas.height);
    }
  }

  label_scale(threshold) {
    const { state } = this;
    const entry = state.current;
    by_id("color-scale").hidden = !(entry && entry.map && state.layers.map);
    const full = full_scale(state, entry);
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => element("span", {
      text: (share === 1 ? "≥ " : "") + format_number(Number((share * full).toPrecision(2))) }));
    const text = ticks.map((tick) => tick.textContent).join("|");
    if (text !== this.ticks) replace_children(by_id("scale-ticks"), ...ticks);
    this.ticks = text;
    const marker = by_id("scale-threshold");
    marker.hidden = threshold > full;
    marker.style.left = `${100 * Math.min(1, threshold / full)}%`;
    set_text(by_id("scale-text"), `Colour scale of the anomaly map, from 0 to ${format_number(full)}; ` +
      `the mask begins at ${format_number(threshold)}`);
  }
}
