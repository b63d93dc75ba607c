/* The simulated device of mcsim: nothing but the screen of 800 by 480 pixels. Everything to turn is on the screen itself. */
import { ControlsColumn } from "ControlsPane";
import { DeviceContainer, DeviceScreen } from "DevicePane";

export default {
  applicationName: "heliograph",
  title: "heliograph",
  Workers: {},
  ControlsTemplate: ControlsColumn.template(() => ({ contents: [] })),
  DeviceTemplates: {
    0: DeviceContainer.template(($) => ({
      width: 800,
      height: 480,
      contents: [DeviceScreen($, { left: 0, width: 800, top: 0, height: 480, rotation: 0 })],
    })),
  },
};
