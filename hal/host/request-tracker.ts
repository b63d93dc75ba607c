/** Follows what an HTTP/1.1 client sends and knows whether its last request is whole (RFC 9112 6.3). */
export class RequestTracker {
  /** False once the bytes could not be HTTP: then nothing is known of where messages end. */
  isHTTP = true;
  #head = "";
  /** Bytes of the body still to come. */
  #missing = 0;
  /** The last characters of a chunked body; undefined when the body is not chunked. */
  #chunked: string | undefined;

  /** Nothing of a request is outstanding; always true for other protocols. */
  get complete(): boolean {
    return !this.isHTTP || (this.#head === "" && this.#missing === 0 && this.#chunked === undefined);
  }

  write(bytes: Uint8Array): void {
    let text = Buffer.from(bytes).toString("latin1");
    while (text !== "" && this.isHTTP) {
      if (this.#chunked !== undefined) text = this.#takeChunks(text);
      else if (this.#missing > 0) text = this.#takeBody(text);
      else text = this.#takeHead(text);
    }
  }

  #takeHead(text: string): string {
    const all = this.#head + text;
    this.isHTTP = /^[A-Z]+( |$)/.test(all);
    const end = all.indexOf("\r\n\r\n");
    this.#head = end < 0 ? all : "";
    if (end < 0) return "";
    const head = all.slice(0, end);
    this.#missing = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    this.#chunked = /^transfer-encoding: *chunked/im.test(head) ? "\r\n" : undefined;
    return all.slice(end + 4);
  }

  #takeBody(text: string): string {
    const taken = Math.min(text.length, this.#missing);
    this.#missing -= taken;
    return text.slice(taken);
  }

  /** The client has no second request under way while it sends chunks, so only the end has to be found. */
  #takeChunks(text: string): string {
    const tail = ((this.#chunked ?? "") + text).slice(-7);
    this.#chunked = tail.endsWith("\r\n0\r\n\r\n") ? undefined : tail;
    return "";
  }
}
