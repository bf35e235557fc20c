// The images of this visit: opened, shown, sent to the server, and kept with their results.
import { element } from "./dom.js";
import { ApiError } from "./api.js";

// Decoded images and maps are large: only those shown last are kept, the others are made again when shown.
const kKeepPixels = 60e6;
const kThumbSide = 144;

let next_key = 1;

export function new_entry(name, blob) {
  return {
    key: next_key++, name, blob,
    bitmap: null,            // the upright image, once decoded
    thumb: null,             // a small canvas
    width: 0, height: 0,
    id: null,                // on the server, while it keeps the image
    sending: null,           // the promise of an upload under way
    error: "",               // why it cannot be shown or inspected
    result: null, map: null, saliency: null,
    result_key: null,        // what the result and the map are for
    score: null, score_key: null, no_content: null,
    failed_key: null,        // what it could not be judged for
    refused: false,          // whether the server cannot read it at all
    seconds: null,           // from the request to the result
    good: false,
    truth: null,
    shown: 0,                // when it was last on show, in a running number
  };
}

function draw_thumb(source, width, height) {
  const scale = kThumbSide / Math.max(width, height);
  const canvas = element("canvas", { width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)), "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

export class Images {
  constructor(api, state) {
    this.api = api;
    this.state = state;
    this.shown = 0;
  }

  // Adds image files; the first of them comes on show.
  add(files) {
    const entries = Array.from(files, (file) => new_entry(file.name || "pasted.png", file));
    if (!entries.length) return;
    this.show(entries[0], this.state.images.concat(entries));
  }

  async add_sample(sample) {
    const known = this.state.images.find((entry) => entry.sample === sample.index);
    if (known) return this.show(known);
    const blob = await this.api.sample(sample.index);
    const entry = new_entry(sample.name, blob);
    entry.sample = sample.index;
    this.show(entry, this.state.images.concat(entry));
  }

  // images: the new list, if it changes too; set together with the image on show, which is judged first.
  show(entry, images) {
    entry.shown = ++this.shown;
    const changes = images ? { images } : {};
    if (this.state.current !== entry) Object.assign(changes, { current: entry, pointed: null });
    this.state.set(changes);
    this.free_old();
    this.decode(entry);
  }

  step(by) {
    const { images, current } = this.state;
    if (!images.length) return;
    const at = images.indexOf(current) + by;
    this.show(images[Math.min(Math.max(at, 0), images.length - 1)]);
  }

  remove(entry) {
    const { images, current } = this.state;
    const at = images.indexOf(entry);
    const left = images.filter((other) => other !== entry);
    if (entry.id) this.api.delete_image(entry.id).catch(() => {});  // it expires anyway
    if (entry.bitmap) entry.bitmap.close();
    this.state.set({ images: left });
    if (current !== entry) return;
    if (left.length) this.show(left[Math.min(at, left.length - 1)]);
    else this.state.set({ current: null, pointed: null });
  }

  free_old() {
    let pixels = 0;
    const by_age = this.state.images.slice().sort((a, b) => b.shown - a.shown);
    for (const entry of by_age) {
      pixels += entry.width * entry.height;
      if (pixels <= kKeepPixels || entry === this.state.current) continue;
      if (entry.bitmap) entry.bitmap.close();
      Object.assign(entry, { bitmap: null, map: null, saliency: null, result: null, result_key: null });
    }
  }

  // Formats that the browser cannot show (TIFF, 16-bit PNM ...) come decoded from the server.
  async decode(entry) {
    if (entry.bitmap || entry.decoding) return;
    entry.decoding = true;
    try {
      let bitmap = null;
      try {
        bitmap = await createImageBitmap(entry.blob);
      } catch (error) {
        await this.send(entry);
        bitmap = await createImageBitmap(await this.api.decoded_image(entry.id));
      }
      this.accept(entry, bitmap);
    } catch (error) {
      if (!entry.error) entry.error = error instanceof ApiError ? error.message : "The file is not an image.";
      this.state.emit("images", "current");
    } finally {
      entry.decoding = false;
    }
  }

  accept(entry, bitmap) {
    entry.bitmap = bitmap;
    entry.width = entry.width || bitmap.width;
    entry.height = entry.height || bitmap.height;
    entry.thumb = entry.thumb || draw_thumb(bitmap, bitmap.width, bitmap.height);
    this.state.emit("images", "current");
  }

  // Uploads the image unless the server has it; the promise fails with an ApiError.
  send(entry) {
    if (entry.id) return Promise.resolve();
    if (!entry.sending) {
      entry.sending = this.upload(entry).then((answer) => {
        entry.id = answer.id;
        // The server's size counts: it has turned the image upright.
        entry.width = answer.width;
        entry.height = answer.height;
        entry.sending = null;
      }, (error) => {
        entry.sending = null;
        entry.refused = !error.passing;
        throw error;
      });
    }
    return entry.sending;
  }

  async upload(entry) {
    const { size } = entry.blob;
    const limits = this.state.models && this.state.models.limits;
    const most = (limits && limits.body_bytes) || Infinity;
    if (size > most) {
      const megabytes = (bytes) => `${Number((bytes / 1e6).toPrecision(3))} MB`;
      throw new ApiError(413,
        `${entry.name} has ${megabytes(size)}; this server takes ${megabytes(most)} at most.`);
    }
    try {
      return await this.api.upload(entry.blob, entry.name);
    } catch (error) {
      // A file that has changed on disk cannot be sent, which looks like a lost connection.
      if (error.status !== 0 || !(await this.api.alive())) throw error;
      throw new ApiError(400, `${entry.name} cannot be read any more. Open it again.`);
    }
  }

  // Runs call(id); if the server has dropped the image meanwhile, sends it again and repeats the call once.
  async with_id(entry, call) {
    await this.send(entry);
    try {
      return await call(entry.id);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      entry.id = null;
      await this.send(entry);
      return call(entry.id);
    }
  }
}
