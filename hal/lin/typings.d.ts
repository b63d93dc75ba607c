/* What the Linux build uses of the Moddable SDK beyond `hal/esp32/typings.d.ts`; see there. */

declare module "file" {
  export const Directory: { create(path: string): void };
}

declare module "net" {
  const Net: {
    /** Never answers from inside the call. */
    resolve(name: string, callback: (name: string, address?: string) => void): void;
  };
  export default Net;
}

declare module "mc/ffi" {
  export interface Functions {
    /** A variable of the process's environment; empty when it is not set. */
    environment(name: string): string;
  }
}

declare module "ssl/session" {
  const Session: typeof import("./session.js").default;
  export default Session;
}
