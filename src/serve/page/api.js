// Calls of the server's HTTP interface. Every failure is an ApiError with one sentence for the person.
import { parse_multipart } from "./multipart.js";
import { parse_float_tiff } from "./tiff.js";

const kTokenKey = "anomalyvlm-token";

export class ApiError extends Error {
  constructor(status, message, details) {
    super(message);
    this.status = status;  // 0: no answer
    Object.assign(this, { code: "", begin: undefined, end: undefined, retry_after: undefined }, details);
  }

  // Whether it is the standard that was not understood.
  get of_prompt() {
    return this.begin !== undefined || /prompt/.test(this.code);
  }

  // Whether the same request may succeed a little later.
  get passing() {
    return [0, 408, 429, 503, 504].includes(this.status);
  }
}

async function to_error(response) {
  const retry = Number(response.headers.get("Retry-After"));
  const details = { retry_after: retry > 0 ? retry : undefined };
  try {
    const { error } = await response.json();
    // Errors of a prompt quote the sentence on further lines; the page marks the place itself.
    return new ApiError(response.status, error.message.split("\n")[0], Object.assign(details, {
      code: error.code, begin: error.begin, end: error.end,
    }));
  } catch (error) {
    return new ApiError(response.status, `The server answered with status ${response.status}.`, details);
  }
}

const decoder = new TextDecoder();

export class Api {
  // ask_token(refused): a promise of the token that the person types; refused: an earlier one was wrong.
  constructor(ask_token) {
    this.ask_token = ask_token;
    this.asking = null;
  }

  async request(path, options) {
    for (let attempt = 0; ; attempt++) {
      const token = sessionStorage.getItem(kTokenKey);
      const headers = Object.assign({}, options && options.headers);
      if (token) headers.Authorization = "Bearer " + token;
      let response;
      try {
        response = await fetch(path, Object.assign({ cache: "no-store" }, options, { headers }));
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new ApiError(0, "The server does not answer.");
      }
      if (response.ok) return response;
      const error = await to_error(response);
      if (response.status === 429 && attempt < 3) {
        // Too many requests of this page at once: this one waits for the others.
        await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retry_after || 1)));
        continue;
      }
      if (response.status !== 401) throw error;
      await this.renew_token(token);
    }
  }

  // Several requests that are refused at once ask the person once.
  async renew_token(refused) {
    if (sessionStorage.getItem(kTokenKey) !== refused) return;
    if (!this.asking) {
      this.asking = this.ask_token(refused !== null).then((token) => {
        sessionStorage.setItem(kTokenKey, token);
        this.asking = null;
      });
    }
    await this.asking;
  }

  async json(path, body, method) {
    const options = body === undefined ? { method: method || "GET" } : {
      method: method || "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
    };
    const response = await this.request(path, options);
    return response.status === 204 ? null : response.json();
  }

  models() { return this.json("v1/models"); }
  samples() { return this.json("v1/samples"); }
  drift() { return this.json("v1/drift"); }
  check(text) { return this.json("v1/prompt/check", { text }); }
  make_references(ids) { return this.json("v1/references", { images: ids }); }
  delete_references(id) { return this.json(`v1/references/${encodeURIComponent(id)}`, undefined, "DELETE"); }
  delete_image(id) { return this.json(`v1/images/${encodeURIComponent(id)}`, undefined, "DELETE"); }

  async sample(index) {
    return (await this.request(`v1/samples/${index}`)).blob();
  }

  async upload(blob, name) {
    const response = await this.request("v1/images", {
      method: "POST", body: blob,
      headers: { "Content-Type": "application/octet-stream", "X-File-Name": encodeURIComponent(name) },
    });
    return response.json();
  }

  // The files named in write, as parts {name, filename, type, bytes}.
  async judge_files(id, options, write) {
    const response = await this.request(`v1/images/${encodeURIComponent(id)}/judge`, {
      method: "POST", body: JSON.stringify(Object.assign({ write }, options)),
      headers: { "Content-Type": "application/json", "Accept": "multipart/mixed" },
    });
    const buffer = await response.arrayBuffer();
    return parse_multipart(buffer, response.headers.get("Content-Type"));
  }

  // The result and the anomaly map.
  async judge(id, options) {
    const parts = await this.judge_files(id, Object.assign({ masks: true }, options), "json,anomaly.tiff");
    const json = parts.find((part) => part.name === "json" || part.type.includes("json"));
    const map = parts.find((part) => part.name === "anomaly.tiff" || part.type.includes("tiff"));
    if (!json || !map) throw new ApiError(502, "The answer lacks the result or the map.");
    return { result: JSON.parse(decoder.decode(json.bytes)), map: parse_float_tiff(map.bytes) };
  }

  // The result alone, without masks. signal: an AbortSignal that gives it up.
  async judge_score(id, options, signal) {
    const response = await this.request(`v1/images/${encodeURIComponent(id)}/judge`, {
      method: "POST", body: JSON.stringify(Object.assign({ masks: false }, options)), signal,
      headers: { "Content-Type": "application/json", "Accept": "application/json" },
    });
    return response.json();
  }

  async decoded_image(id) {
    return (await this.request(`v1/images/${encodeURIComponent(id)}/image`)).blob();
  }

  async saliency(id, prompt) {
    // The map hardly depends on the words; a text too long for an address is left out.
    const query = prompt ? "?prompt=" + encodeURIComponent(prompt) : "";
    const response = await this.request(
      `v1/images/${encodeURIComponent(id)}/saliency${query.length < 4000 ? query : ""}`);
    return parse_float_tiff(new Uint8Array(await response.arrayBuffer()));
  }

  async alive() {
    try {
      return (await fetch("healthz", { cache: "no-store" })).ok;
    } catch (error) {
      return false;
    }
  }
}
