/*
 * What this project uses of the Moddable SDK's modules, so that the tree type-checks without the SDK. A build with the SDK
 * takes its own, complete declarations instead: `$MODDABLE/typings`. Contracts: ECMA-419 and the SDK's documentation.
 */

/** Writes to the debugger's console; nothing in a release build on a device. */
declare function trace(...messages: unknown[]): void;

declare module "timer" {
  /** A scheduled callback, opaque. */
  class Timer {
    private readonly timer: true;
    static set(callback: (timer: Timer) => void, milliseconds?: number, repeat?: number): Timer;
    static repeat(callback: (timer: Timer) => void, milliseconds: number): Timer;
    static clear(timer: Timer | undefined): void;
    static delay(milliseconds: number): void;
  }
  export default Timer;
}

declare module "time" {
  const Time: {
    /** Milliseconds since boot, or since some other moment on a simulator; wraps at 32 bits. */
    readonly ticks: number;
    readonly microseconds: number;
  };
  export default Time;
}

declare module "mc/config" {
  /** The manifest's `config`; in flash, so read only. */
  const config: Readonly<Record<string, unknown>>;
  export default config;
}

declare module "Resource" {
  /** A file that the manifest's `data` put into flash. */
  class Resource {
    constructor(path: string);
    readonly byteLength: number;
    slice(begin: number, end?: number): ArrayBuffer;
    static exists(path: string): boolean;
  }
  export default Resource;
}

declare module "file" {
  export class File {
    constructor(path: string, write?: boolean);
    readonly length: number;
    position: number;
    read(type: ArrayBufferConstructor, byteLength?: number): ArrayBuffer;
    read(type: StringConstructor, byteLength?: number): string;
    write(...items: (ArrayBuffer | Uint8Array | string)[]): void;
    close(): void;
    static exists(path: string): boolean;
    static delete(path: string): boolean;
    static rename(from: string, to: string): boolean;
  }
  export const System: { config(): { readonly root: string } };
  export default File;
}

declare module "embedded:io/serial" {
  /** Takes `port`, `receive`, `transmit`, `baud`, `format` on a device, `device` on Linux. */
  const Serial: import("../serial.js").SerialConstructor;
  export default Serial;
}

declare module "embedded:io/digital" {
  const Digital: import("./io.js").DigitalConstructor;
  export default Digital;
}

declare module "modules" {
  const Modules: {
    /** The default export of a module that was linked. */
    importNow(specifier: string): unknown;
    has(specifier: string): boolean;
  };
  export default Modules;
}

declare module "embedded:io/smbus" {
  const SMBus: import("./io.js").SMBusConstructor;
  export default SMBus;
}

declare module "embedded:sensor/Temperature/TMP102" {
  const TMP102: import("./sensors/thermometer.js").TemperatureSensorConstructor;
  export default TMP102;
}

declare module "mc/ffi" {
  /** The C functions of the manifest's `ffi`. */
  export interface Functions {
    esp_restart(): void;
    esp_reset_reason(): number;
    esp_random(): number;
    esp_ota_mark_app_valid_cancel_rollback(): number;
    esp_ota_mark_app_invalid_rollback_and_reboot(): number;
    firmware_on_probation(): number;
    idle_alarm(): void;
    uart_receive_threshold(port: number, bytes: number): void;
  }
  const FFI: new () => Functions;
  export default FFI;
}

declare module "embedded:io/socket/tcp" {
  const TCP: import("../tcp.js").TCPConstructor;
  export default TCP;
}

declare module "embedded:network/http/client" {
  const HTTPClient: import("../http.js").HTTPClientConstructor;
  export default HTTPClient;
}

declare module "embedded:storage/flash" {
  export interface FlashPartition {
    read(buffer: Uint8Array, byteOffset: number): number;
    write(buffer: Uint8Array, byteOffset: number): void;
    eraseBlock(start: number, end?: number): void;
    status(): import("../flash.js").FlashStatus;
    close(): void;
  }
  const storage: { open(options: { path: string; mode?: "r" | "r+" }): FlashPartition };
  export default storage;
}

declare module "embedded:update" {
  const Update: import("./slots.js").UpdateClass;
  export default Update;
}

declare module "embedded:storage/key-value" {
  export interface KeyValueDomain {
    read(key: string): ArrayBuffer | undefined;
    write(key: string, value: ArrayBuffer | Uint8Array): void;
    delete(key: string): void;
    close(): void;
  }
  const storage: { open(options: { path: string; mode?: "r" | "r+"; format?: "buffer" }): KeyValueDomain };
  export default storage;
}

declare module "embedded:storage/files" {
  export interface OpenFile {
    read(buffer: Uint8Array, position: number): number;
    read(count: number, position: number): ArrayBuffer;
    write(buffer: ArrayBuffer | Uint8Array, position: number): void;
    status(): { readonly size: number };
    setSize(length: number): void;
    flush(): void;
    close(): void;
  }
  export interface Directory {
    openFile(options: { path: string; mode?: "r" | "r+" | "w" | "w+" }): OpenFile;
    delete(path: string): boolean;
    move(from: string, to: string): void;
    close(): void;
  }
}
