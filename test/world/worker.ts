/** A process that lives through one world after the other, as `runWorlds` tells it. */
import { runCampaign } from "./campaign.js";

process.on("message", ({ seed, days }: { seed: number; days: number }) => {
  process.send!(runCampaign({ seed, days }));
});
