/* The entry of mcpack, which does not follow imports of TypeScript: the platform's own main, as its manifest names it. */
import config from "mc/config";

const { default: main } = await import(config.main);
main();
