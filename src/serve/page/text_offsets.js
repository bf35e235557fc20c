// The server counts bytes of UTF-8, the text field counts UTF-16 units: the two are converted here.

// For each byte offset asked for, in any order, the index in the string.
export class TextOffsets {
  constructor(text) {
    this.text = text;
    // Offset of each unit; the second half of a surrogate pair has the offset of the whole character.
    this.bytes = new Uint32Array(text.length + 1);
    let at = 0;
    for (let i = 0; i < text.length; i++) {
      this.bytes[i] = at;
      const code = text.codePointAt(i);
      at += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      if (code > 0xffff) this.bytes[++i] = this.bytes[i - 1];
    }
    this.bytes[text.length] = at;
  }

  index(byte) {
    let low = 0, high = this.text.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.bytes[middle] < byte) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
