import type { HTTPClientConstructor, HTTPRequest, HTTPRequestOptions } from "../../hal/http.js";
import { toText } from "../../hal/sim/bytes.js";
import type { ByteBuffer } from "../../hal/tcp.js";
import { TestHTTPClient } from "../xs/http-client.js";

/** A client that also hands over each request's path and body as soon as all of it was written. */
export function watchedHTTPClient(onRequest: (path: string, body: string) => void): HTTPClientConstructor {
  return class extends TestHTTPClient {
    override request(options: HTTPRequestOptions): HTTPRequest {
      const length = Number(options.headers?.get("content-length"));
      let body = "";
      const write = (request: HTTPRequest, data: ByteBuffer) => {
        body += toText(data instanceof Uint8Array ? data : new Uint8Array(data));
        if (body.length === length) onRequest(options.path!, body);
        return request.write(data);
      };
      return super.request({
        ...options,
        onWritable(count) {
          options.onWritable?.call(
            { read: (byteLength) => this.read(byteLength), write: (data) => write(this, data) },
            count,
          );
        },
      });
    }
  };
}
