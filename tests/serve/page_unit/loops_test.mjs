// Requests are joined, stale answers are dropped, and images that the server has dropped are sent again.
import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.requestAnimationFrame = (call) => setTimeout(call, 0);

const { State, result_key, verdict_of, judge_options } = await import("../../../src/serve/page/state.js");
const { JudgeLoop } = await import("../../../src/serve/page/judge.js");
const { PromptCheck } = await import("../../../src/serve/page/prompt_check.js");
const { Images, new_entry } = await import("../../../src/serve/page/images.js");
const { ApiError } = await import("../../../src/serve/page/api.js");

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const kResult = { image_score: 0.4, no_content: null, candidates: [], threshold: 0.5 };
const kMap = { width: 1, height: 1, values: new Float32Array(1) };

function world(api) {
  const state = new State();
  const images = new Images(api, state);
  const loop = new JudgeLoop(api, state, images);
  const entry = new_entry("a.png", {});
  Object.assign(entry, { bitmap: {}, thumb: {} });
  return { state, images, loop, entry };
}

test("changes during a request are joined into one", async () => {
  const asked = [];
  const api = {
    upload: async () => ({ id: "1", width: 1, height: 1 }),
    judge: async (id, options) => {
      asked.push(options.prompt);
      await pause(20);
      return { result: kResult, map: kMap };
    },
  };
  const { state, entry } = world(api);
  state.set({ models: { takes_words: true }, judged_text: "a" });
  state.set({ images: [entry], current: entry });
  await pause(5);
  for (const text of ["b", "c", "d"]) state.set({ judged_text: text });
  await pause(250);
  assert.deepEqual(asked, ["a", "d"]);
  assert.equal(entry.result_key, result_key(state));
  assert.equal(entry.score, 0.4);
});

test("an expired image is sent again, without a word", async () => {
  let uploads = 0;
  const api = {
    upload: async () => ({ id: String(++uploads), width: 1, height: 1 }),
    judge: async (id) => {
      if (id === "1") throw new ApiError(404, "There is no image of this name (any more).");
      return { result: kResult, map: kMap };
    },
  };
  const { state, entry } = world(api);
  state.set({ models: {} });
  state.set({ images: [entry], current: entry });
  await pause(200);
  assert.equal(uploads, 2);
  assert.equal(entry.error, "");
  assert.equal(entry.result, kResult);
});

test("an image that the server cannot read is not sent again and again", async () => {
  let uploads = 0;
  const api = { upload: async () => {
    uploads++;
    throw new ApiError(422, "It is no image.");
  } };
  const { state, entry } = world(api);
  state.set({ models: {} });
  state.set({ images: [entry], current: entry });
  await pause(50);
  state.set({ judged_text: "another" });
  await pause(50);
  assert.equal(uploads, 1);
  assert.equal(entry.error, "It is no image.");
});

test("answers for an older text are dropped", async () => {
  const answers = [];
  const api = { check: (text) => new Promise((resolve) => answers.push([text, resolve])) };
  const state = new State();
  const check = new PromptCheck(api, state);
  state.set({ text: "a" });
  check.now();
  state.set({ text: "ab" });
  check.now();
  state.set({ text: "abc" });
  check.now();
  assert.equal(answers.length, 1);
  answers[0][1]({ understood: true });
  await pause(5);
  assert.equal(state.check, null);
  assert.equal(answers[1][0], "abc");
  answers[1][1]({ understood: true });
  await pause(5);
  assert.deepEqual([state.check.text, state.judged_text], ["abc", "abc"]);
});

test("a text that is not understood keeps the result of the one before", async () => {
  const state = new State();
  state.set({ text: "good", judged_text: "good" });
  const check = new PromptCheck({ check: async () => ({ understood: false }) }, state);
  state.set({ text: "bad" });
  await check.now();
  assert.equal(state.judged_text, "good");
  assert.equal(state.check.text, "bad");
});

test("the verdict follows the limit without the server", () => {
  assert.equal(verdict_of({ score: 0.5 }, 0.5), "not OK");
  assert.equal(verdict_of({ score: 0.49 }, 0.5), "OK");
  assert.equal(verdict_of({ score: 0.1, no_content: "it is black" }, 0.5), "not OK");
  assert.equal(verdict_of({ score: 0.1 }, null), null);
  assert.equal(verdict_of({ score: null }, 0.5), null);
});

test("the limit is sent, or its absence, unless the standard states one", () => {
  const state = new State();
  assert.equal(judge_options(state, null).limit, null);
  state.set({ own_limit: 0.6 });
  assert.equal(judge_options(state, null).limit, 0.6);
  state.set({ check: { text: "", answer: { prompt: { limit: 0.7 } } } });
  assert.equal("limit" in judge_options(state, null), false);
});
