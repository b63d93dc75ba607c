import { HostFlash, HostInput, HostKeyValue, HostOutput, HostSerial, host, openTime } from "../board.js";

/** Answers lines on port 1, beats every second, counts starts in the key-value store and beats in flash. */
export default function main(): void {
  const time = openTime();
  const keyValue = new HostKeyValue();
  const starts = new Uint8Array(keyValue.read("starts") ?? new ArrayBuffer(1));
  starts[0]!++;
  keyValue.write("starts", starts);
  const flash = new HostFlash();
  const relay = new HostOutput(4);
  const tamper = new HostInput(5, "tamper");
  tamper.onChanged = () => host.print(`tamper ${tamper.read()} at ${time.now}`);
  let line = "";
  const serial = new HostSerial({
    port: 1,
    onReadable(count) {
      for (const byte of new Uint8Array(serial.read(count)!)) {
        if (byte !== 10) line += String.fromCharCode(byte);
        else answer();
      }
    },
  });
  const answer = () => {
    const text = line;
    line = "";
    if (text === "reset") host.restart();
    if (text === "on") relay.write(1);
    if (text === "throw") throw new Error("asked to");
    time.set(() => serial.write(Uint8Array.from(`${text} ${starts[0]} ${time.now}\n`, (c) => c.charCodeAt(0))), 250);
  };
  let beats = 0;
  time.repeat(() => {
    const word = new Uint8Array(4);
    while (flash.read(word, beats * 4) && word[0] !== 0xff) beats++;
    flash.write(new Uint8Array([1, 2, 3, 4]), beats * 4);
    Promise.resolve().then(() => host.print(`beat ${beats} at ${time.now}`));
  }, 1000);
}
