/* The SDK has this driver, but no declaration of it: `manifests/esp32.json` gives it this one. */
declare const TMP102: import("./sensors/thermometer.js").TemperatureSensorConstructor;
export default TMP102;
