import type { TCPConstructor, TCPOptions } from "../../hal/tcp.js";

/**
 * The class `io` with callbacks that do not throw. The SDK's clients throw out of them on what they do not expect of a server, such as an
 * answer before the request is sent or a line that is no status; uncaught, that would restart the device.
 */
export function guarded(io: TCPConstructor, onProblem: () => void): TCPConstructor {
  const attempt = (callback: () => void) => {
    try {
      callback();
    } catch {
      onProblem();
    }
  };
  return class extends io {
    constructor(options: TCPOptions) {
      super({
        ...options,
        onReadable: (count) => attempt(() => options.onReadable?.(count)),
        onWritable: (count) => attempt(() => options.onWritable?.(count)),
        onError: () => attempt(() => options.onError?.()),
      });
    }
  };
}
