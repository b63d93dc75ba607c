import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findSDK } from "../../tools/sdk/sdk.js";

const sdk = findSDK();

if (typeof sdk === "string") console.log(`tests of the build with the Moddable SDK are left out: ${sdk}`);
else
  describe("with the Moddable SDK", () => {
    it("everything links without a warning, the SDK's clients work over the modem, and a day passes without loss", function () {
      this.timeout(1_200_000);
      const program = join(import.meta.dirname, "../../tools/sdk-check.ts");
      const { status, stdout, stderr } = spawnSync("npx", ["--no-install", "tsx", program], { encoding: "utf8" });
      assert.equal(status, 0, `${stdout}${stderr}`);
      assert.match(stdout, /^a day on lin: \d+ rows/m);
    });
  });
