// Puts the page together: the modules know the state and the server, but not each other.
import { Api } from "./api.js";
import { State } from "./state.js";
import { Images } from "./images.js";
import { JudgeLoop } from "./judge.js";
import { PromptCheck } from "./prompt_check.js";
import { PromptEditor } from "./prompt_editor.js";
import { StandardSliders } from "./sliders.js";
import { DisplayControls } from "./display_controls.js";
import { Viewer } from "./viewer.js";
import { ViewerInput } from "./viewer_input.js";
import { Verdict } from "./verdict.js";
import { RegionsTable } from "./regions_table.js";
import { Histogram } from "./histogram.js";
import { Strip } from "./strip.js";
import { Downloads } from "./downloads.js";
import { References } from "./references.js";
import { Truth } from "./truth.js";
import { Drift } from "./drift.js";
import { Status } from "./status.js";
import { Intake, show_samples } from "./intake.js";
import { ask_token } from "./token_dialog.js";
import { by_id, element, replace_children } from "./dom.js";
import { numbers_of, replace_number } from "./standard.js";
import { largest } from "./color_map.js";

const kExamples = [
  "Scratches, stains and dents. Anomalies are smaller than 5%. At most five abnormal regions.",
  "Reject scratches longer than 60 px or wider than 3 px.",
  "Stains. Stains are darker than their surroundings by 10%.",
  "Holes and cracks. Ignore the border of 10 px.",
];

const state = new State();
const api = new Api(ask_token);
const images = new Images(api, state);
const judge = new JudgeLoop(api, state, images);
const check = new PromptCheck(api, state);
const status = new Status(api, state, () => (state.models ? resume() : start()));
const viewer = new Viewer(state);

function resume() {
  check.now();
  judge.wake();
}

// ---- the standard ----

function edit(text) {
  judge.touch();
  state.set({ text, check_failed: "" });
  check.soon();
}

const editor = new PromptEditor(state, edit);

// A slider has rewritten the text: by construction it is understood, so the judgement need not wait for the
// next reading, which follows after it.
function rewrite(text, answer, released) {
  judge.touch();
  if (released) judge.release();
  if (text === state.text) return;
  state.text = text;
  state.check = { text, answer };
  state.judged_text = text;
  state.check_failed = "";
  state.emit("judged_text", "text", "check");
  check.soon();
}

const sliders = new StandardSliders(state, rewrite);

function set_limit(value, released) {
  judge.touch();
  const answer = state.check && state.check.text === state.text ? state.check.answer : null;
  const stated = numbers_of(answer).find(({ number }) => number.kind === "limit");
  if (stated && value !== null) {
    if (stated.number.value === value) return;
    const changed = replace_number(state.text, answer, stated.number, value);
    changed.answer.prompt = Object.assign({}, changed.answer.prompt, { limit: value });
    // Scores do not depend on the limit, so nothing has to be judged again.
    const key_text = state.judged_text === state.text ? changed.text : state.judged_text;
    rename_results(state.judged_text, key_text);
    rewrite(changed.text, changed.answer, released);
  } else if (!stated) {
    state.set({ own_limit: value });
  }
}

// Results for one text hold for another that differs in the limit alone.
function rename_results(from, to) {
  const renamed = (key) => {
    if (key === null) return null;
    const parts = JSON.parse(key);
    return parts[0] === from ? JSON.stringify([to, parts[1]]) : key;
  };
  for (const entry of state.images) {
    for (const name of ["result_key", "score_key", "failed_key"]) entry[name] = renamed(entry[name]);
  }
}

function show_examples() {
  replace_children(by_id("examples-list"), ...kExamples.map((text) => element("li", {},
    element("button", { type: "button", class: "example", text, onclick: () => {
      edit(text);
      check.now();
      by_id("standard-text").focus();
    } }))));
}

// ---- the image ----

function open_images(files) {
  judge.touch();
  status.message("");
  images.add(files);
}

async function open_sample(sample) {
  try {
    await images.add_sample(sample);
  } catch (error) {
    status.message(error.message);
  }
}

const truth = new Truth(state, (text) => status.message(text));
new Intake(state, open_images, (file) => truth.set(file));
new ViewerInput(viewer, (pointed) => state.set({ pointed, dimmed: false }), (by) => images.step(by));
new DisplayControls(state);
for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    const { zoom } = button.dataset;
    if (zoom === "fit") viewer.fit();
    else if (zoom === "one") viewer.zoom_to(1);
    else viewer.zoom(zoom === "in" ? 1.25 : 0.8);
  });
}
by_id("image-retry").addEventListener("click", () => {
  const { current } = state;
  if (!current) return;
  Object.assign(current, { error: "", failed_key: null, refused: false });
  images.decode(current);
  state.emit("images", "current");
});

// The saliency map is read only when it is shown.
async function load_saliency() {
  const entry = state.current;
  if (!state.layers.saliency || !entry || !entry.result || entry.saliency || entry.asking_saliency) return;
  entry.asking_saliency = true;
  try {
    const map = await images.with_id(entry, (id) => api.saliency(id, state.judged_text));
    map.largest = largest(map.values);
    entry.saliency = map;
    state.emit("images");
    viewer.draw_soon();
  } catch (error) {
    status.message(error.message);
    state.set({ layers: Object.assign({}, state.layers, { saliency: false }) });
  } finally {
    entry.asking_saliency = false;
  }
}
state.on("layers current result", load_saliency);

// ---- the result ----

new Verdict(state);
new RegionsTable(state, (rejected_by) => sliders.reveal(rejected_by, editor));
new Histogram(state, set_limit);
new Strip(state, images);
new Downloads(api, state, images);
new References(api, state, images);
new Drift(api);

// ---- beginning ----

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let starting = false;
async function start() {
  if (starting) return;
  starting = true;
  while (!state.models) {
    try {
      const models = await api.models();
      const text = (models.prompt && models.prompt.text) || "";
      state.set({ connection: "ok", text, judged_text: text, own_limit: models.limit, models });
    } catch (error) {
      if (!error.passing) {
        status.message(error.message);
        break;
      }
      state.set({ connection: error.status === 0 ? "gone" : "busy" });
      await pause(2000);
    }
  }
  starting = false;
  if (!state.models) return;
  check.now();
  show_samples(api, open_sample).catch(() => {});  // the page works without samples
}

show_examples();
state.emit("current", "images", "check", "result", "layers");
start();
