/** The two internets an emulated modem can be given on a host. */
export { LoopInternet } from "./loop-internet.js";
export { SocketInternet } from "./socket-internet.js";
