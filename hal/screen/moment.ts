/** What the screen shows: one moment of the simulated home and its device. */
export interface Moment {
  /** Name of the place and its time of day, for people. */
  readonly place: string;
  readonly serialNumber: string;
  /** Local solar hours, 0 to 24; the sun stands highest at 12. */
  readonly hour: number;
  /** W/m2 that reach the panel. */
  readonly irradiance: number;
  /** Share of the sunlight that arrives, 0 to 1. */
  readonly sunshine: number;
  /** Volts and amperes. */
  readonly panel: { readonly voltage: number; readonly current: number };
  /** Volts, and amperes into the battery; 0 to 1. */
  readonly battery: { readonly voltage: number; readonly current: number; readonly stateOfCharge: number };
  /** Volts times amperes that reach it, and what is switched on. */
  readonly load: { readonly watts: number; readonly appliances: readonly string[] };
  /** Watts plugged in by hand. */
  readonly appliance: number;
  readonly relay: boolean;
  /** Why the load has no power although the relay is on. */
  readonly loadProblem: string | undefined;
  readonly credit: string;
  readonly hasCredit: boolean;
  readonly modem: {
    /** In words. */
    readonly state: string;
    /** The words tell of something that is wrong. */
    readonly trouble: boolean;
    /** 0 to 4. */
    readonly bars: number;
  };
  /** Rows that wait, and when they go. */
  readonly queue: string;
  readonly lastReport: string;
  readonly networkCut: boolean;
  readonly powerCut: boolean;
  /** Times as fast as real time. */
  readonly speed: number;
  /** The last lines of the log, the newest last. */
  readonly log: readonly string[];
}

/** What a person at the screen can do. */
export interface Actions {
  /** 0 to 1. */
  setSunshine(share: number): void;
  /** Watts. */
  setAppliance(watts: number): void;
  setSpeed(times: number): void;
  cutNetwork(cut: boolean): void;
  cutPower(cut: boolean): void;
  enterToken(digits: string): { readonly accepted: boolean; readonly message: string };
}
