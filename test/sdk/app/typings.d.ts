/* What the test app uses of the Moddable SDK beyond `hal/esp32/typings.d.ts` and `hal/lin/typings.d.ts`; see there. */

declare module "embedded:network/mqtt/client" {
  const MQTTClient: import("./clients.js").MQTTClientConstructor;
  export default MQTTClient;
}
