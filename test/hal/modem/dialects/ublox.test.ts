import assert from "node:assert/strict";
import { md5 } from "../../../../hal/modem/md5.js";
import type { SimulatedTime } from "../../../../hal/sim/time.js";
import { setUp, Watched } from "../fixture.js";
import { registered, type ScriptedModem } from "../scripted-modem.js";
import { type Channel, describeFamily, SECURITY, secured } from "./family.js";

/** Sockets as SARA-R4's manual has them (chapter 18); with TLS only the way to open one differs. */
function channel(asynchronous: boolean): Channel {
  const late = [
    ["OK", "+UUSOCO: 0,97"],
    ["+UUSOCO: 0,111", "OK"],
  ];
  return {
    open: "AT+USOCO=0,",
    refusals: [["ERROR"], ["+CME ERROR: 3"], ...(asynchronous ? late : [])],
    send: "AT+USOWR=",
    sendFailures: {
      "the connection is closed": ["ERROR"],
      "the peer closes meanwhile": ["@", "ERROR", "+UUSOCL: 0"],
      "it is not told how much was taken": ["@", "OK"],
      "no prompt comes": [],
    },
    noRoom: [
      ["@", "+USOWR: 0,0", "OK"],
      ["@", "+USOWR: 0,3", "OK"],
    ],
    deliver(script, data) {
      let left = data;
      script.on("AT+USORD=0,", (command) => {
        const wanted = Number(command.split(",")[1]);
        if (wanted === 0) return [`+USORD: 0,${left.length}`, "OK"];
        assert.ok(wanted <= left.length, `${wanted} of ${left.length}`);
        const piece = left.slice(0, Math.min(1000, wanted));
        left = left.slice(piece.length);
        return [`+USORD: 0,${piece.length},"${piece}"`, "OK"];
      });
      script.urc(`+UUSORD: 0,${data.length}`);
    },
    close: "AT+USOCL=0",
    remoteClose: ["+UUSOCL: 0"],
  };
}

/** Sockets get the lowest free number, as the modem likes it. */
function ublox(time: SimulatedTime, model: string): ScriptedModem {
  const open = new Set<number>();
  let active = false;
  const id = (command: string) => Number(command.slice(command.indexOf("=") + 1).split(",")[0]);
  const asynchronous = model.startsWith("SARA-R4") || model.startsWith("SARA-R5");
  return registered(time, model)
    .on("AT+CCID", ["+CCID: 8949020000012345678F", "OK"])
    .on("AT+CMEE?", ["+CMEE: 1", "OK"])
    .on("AT+CGPADDR=1", () => [active ? '+CGPADDR: 1,"10.1.2.3"' : '+CGPADDR: 1,"0.0.0.0"', "OK"])
    .on("AT+UPSND=0,0", () => [active ? '+UPSND: 0,0,"10.1.2.3"' : '+UPSND: 0,0,""', "OK"])
    .on("AT+CGACT=1,1", () => {
      active = true;
      return ["OK"];
    })
    .on("AT+UPSDA=0,3", () => {
      active = true;
      return ["OK", ...(model.startsWith("SARA-R5") ? ['+UUPSDA: 0,"10.1.2.3"'] : [])];
    })
    .on("AT+UPSDA=0,4", () => {
      const was = active;
      active = false;
      return [was ? "OK" : "ERROR"];
    })
    .on("AT+USOCR=6", () => {
      const free = [0, 1, 2, 3, 4, 5, 6].find((each) => !open.has(each));
      if (free === undefined) return ["ERROR"];
      open.add(free);
      return [`+USOCR: ${free}`, "OK"];
    })
    .on("AT+USOCO=", (command) => ["OK", ...(asynchronous ? [`+UUSOCO: ${id(command)},0`] : [])])
    .on("AT+USOWR=", (command) => ["@", `+USOWR: ${command.slice(9)}`, "OK"])
    .on("AT+USORD=", (command) => [`+USORD: ${id(command)},0`, "OK"])
    .on("AT+USOCL=", (command) => {
      if (!open.delete(id(command))) return ["ERROR"];
      return ["OK", ...(command.endsWith(",1") ? [`+UUSOCL: ${id(command)}`] : [])];
    })
    .on("AT+USECMNG=4", ["+CME ERROR: 23"])
    .on("AT+USECMNG=0", (command) => {
      const name = command.split(",")[2];
      return ["> ", `+USECMNG: 0,0,${name},"${md5(Uint8Array.of(0x30, 1, 2))}"`, "OK"];
    });
}

for (const [name, model, lost] of [
  ["SARA-R4", "SARA-R410M-02B", []],
  ["SARA-R404M", "SARA-R404M-00B", []],
  ["SARA-R5", "SARA-R510S-01B", ["+UUPSDD: 0"]],
  ["SARA-U2", "SARA-U201-03S", ["+UUPSDD: 0"]],
] as const)
  describeFamily({
    name,
    model,
    iccid: "8949020000012345678F",
    script: (time) =>
      name === "SARA-U2"
        ? ublox(time, model).on("AT+CGREG?", ['+CGREG: 2,1,"00C3","01A2B3C4",2,"01"', "OK"])
        : ublox(time, model),
    tcp: channel(name === "SARA-R4" || name === "SARA-R5"),
    tls: channel(name === "SARA-R4" || name === "SARA-R5"),
    idle: ["+UUSORD: 5,10", "+UMWI: 0,1", "+UUSOCL: 6", '+UUPSDA: 0,"10.1.2.3"', "+UUSECPRF: 4,13,2"],
    lost,
    restarted: [],
  });

describe("modem dialects of u-blox: what is their own", () => {
  const sara = (model: string) => (time: SimulatedTime) => ublox(time, model);
  const connected = (model: string, prepare: (script: ScriptedModem) => void = () => {}) => {
    const fixture = setUp({}, sara(model));
    prepare(fixture.script);
    fixture.modem.connect({ apn: "internet", user: "shs", password: "secret" });
    fixture.until(() => fixture.modem.connection === 500);
    return fixture;
  };
  const NAME = "ca-edf01838";
  const DIGEST = md5(Uint8Array.of(0x30, 1, 2));

  it("opens the data connection as each wants it, and logs in", () => {
    const between = (model: string, first: string, last: string) => {
      const { commands } = connected(model).script;
      return commands.slice(commands.indexOf(first), commands.indexOf(last, commands.indexOf(first)) + 1);
    };
    assert.ok(connected("SARA-R410M-02B").script.commands.includes('AT+UAUTHREQ=1,1,"secret","shs"'));
    assert.ok(connected("SARA-R510S-01B").script.commands.includes('AT+UAUTHREQ=1,1,"shs","secret"'));
    assert.deepEqual(between("SARA-R510S-01B", "AT+UPSDA=0,4", "AT+UPSND=0,0"), [
      "AT+UPSDA=0,4",
      "AT+USOCR=6",
      "AT+USOCL=0",
      "AT+UPSD=0,0,0",
      "AT+UPSD=0,100,1",
      "AT+UPSDA=0,3",
      "AT+UPSND=0,0",
    ]);
    assert.deepEqual(between("SARA-U201-03S", "AT+UPSDA=0,4", "AT+UPSND=0,0"), [
      "AT+UPSDA=0,4",
      "AT+USOCR=6",
      "AT+USOCL=0",
      'AT+UPSD=0,1,"internet"',
      "AT+UPSD=0,6,1",
      'AT+UPSD=0,2,"shs"',
      'AT+UPSD=0,3,"secret"',
      'AT+UPSD=0,7,"0.0.0.0"',
      "AT+UPSDA=0,3",
      "AT+UPSND=0,0",
    ]);
  });

  it("waits 50 ms between the prompt and the data", () => {
    const { modem, until, script, time } = connected("SARA-R410M-02B");
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    script.payloads.length = 0;
    socket.write("request");
    until(() => script.payloads.length > 0);
    const prompted = time.now;
    until(() => script.payloads[0] !== "");
    assert.ok(time.now - prompted >= 50, `${time.now - prompted} ms`);
  });

  it("notices within a minute or so that the modem restarted, which it does not tell", () => {
    const { modem, until, script } = connected("SARA-R410M-02B");
    script.onEach("AT+CMEE?", ["+CMEE: 0", "OK"], ["+CMEE: 1", "OK"]);
    script.commands.length = 0;
    assert.ok(until(() => modem.connection < 500) <= 65_000);
    until(() => modem.connection === 500);
    assert.ok(script.commands.includes("AT+CMEE=1"));
  });

  it("serves several sockets by the numbers that the modem gives them", () => {
    const { modem, until } = connected("SARA-R510S-01B");
    const sockets = [0, 1, 2, 3, 4, 5, 6].map(() => new Watched(modem.TCP));
    until(() => sockets.every(({ events }) => events.length > 0));
    sockets[3]!.socket.close();
    const again = new Watched(modem.TCP);
    until(() => again.events.length > 0);
    for (const [i, { socket }] of [...sockets.entries()].filter(([i]) => i !== 3)) socket.write(Buffer.from(`${i}`));
    until(() => modem.bytesSent === 6);
  });

  it("gets sockets back that were left open before its time", () => {
    const { modem, until, script } = connected("SARA-R410M-02B", (each) => {
      let left = 7;
      each
        .on("AT+USOCR=6", () => (left > 0 ? ["ERROR"] : undefined))
        .on("AT+USOCL=", () => (left-- > 0 ? ["OK"] : undefined));
    });
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    assert.deepEqual(socket.events, ["writable 4096"]);
    assert.equal(script.commands.filter((command) => command.startsWith("AT+USOCL")).length, 7);
  });

  it("gives back a number that comes for a socket which was closed meanwhile", () => {
    const { modem, until, script, time } = connected("SARA-R410M-02B");
    const socket = new Watched(modem.TCP);
    until(() => script.commands.at(-1) === "AT+USOCR=6");
    socket.socket.close();
    time.run(2000);
    assert.ok(!script.commands.some((command) => command.startsWith("AT+USOCO")));
    assert.equal(script.commands.at(-1), "AT+USOCL=0,1");
  });

  it("keeps data while the queue of the modem is full", () => {
    const { modem, until, script } = connected("SARA-R410M-02B", (each) => {
      let tries = 0;
      each.on("AT+USOWR=", () => (tries++ < 3 ? ["ERROR"] : undefined)).on("AT+USOER", ["+USOER: 11", "OK"]);
    });
    const socket = new Watched(modem.TCP);
    until(() => socket.events.length > 0);
    socket.write("request");
    until(() => modem.bytesSent === 7);
    assert.deepEqual(script.payloads, ["request"]);
  });

  it("stores the certificate, and has chain and name checked", () => {
    const { script, socket } = secured(sara("SARA-R510S-01B"));
    assert.deepEqual(socket.events, ["writable 4096"]);
    assert.deepEqual(script.commands, [
      "AT+USOCR=6",
      `AT+USECMNG=4,0,"${NAME}"`,
      `AT+USECMNG=0,0,"${NAME}",3`,
      "AT+USECPRF=0",
      "AT+USECPRF=0,2,0",
      'AT+USECPRF=0,10,"example.com"',
      "AT+USECPRF=0,13,0,1",
      "AT+USECPRF=0,13,1,0",
      "AT+USECPRF=0,1,3",
      "AT+USECPRF=0,0,2",
      `AT+USECPRF=0,3,"${NAME}"`,
      'AT+USECPRF=0,4,"example.com"',
      "AT+USOSEC=0,1,0",
      'AT+USOCO=0,"example.com",80,1',
    ]);
  });

  it("stores a certificate once, and takes back one that the line has spoilt", () => {
    const kept = secured(sara("SARA-R510S-01B"), (each) =>
      each.on("AT+USECMNG=4", [`+USECMNG: 4,0,"${NAME}","${DIGEST}"`, "OK"]),
    );
    assert.ok(!kept.script.commands.some((command) => command.startsWith("AT+USECMNG=0")));
    const spoilt = secured(sara("SARA-R510S-01B"), (each) =>
      each.on("AT+USECMNG=0", ["> ", `+USECMNG: 0,0,"${NAME}","00000000000000000000000000000000"`, "OK"]),
    );
    assert.deepEqual(spoilt.socket.events, ["error"]);
    assert.ok(spoilt.script.commands.includes(`AT+USECMNG=2,0,"${NAME}"`));
    assert.ok(!spoilt.script.commands.some((command) => command.startsWith("AT+USOCO")));
  });

  it("does not connect when the modem refuses to check", () => {
    for (const setting of ["USECPRF=0,0,", "USECPRF=0,1,", "USECPRF=0,3,", "USECPRF=0,4,", "USOSEC="]) {
      const { socket, script } = secured(sara("SARA-R410M-02B"), (each) => each.on(`AT+${setting}`, ["ERROR"]));
      assert.deepEqual(socket.events, ["error"], setting);
      assert.ok(!script.commands.some((command) => command.startsWith("AT+USOCO")), setting);
    }
  });

  it("does without SNI and sessions on firmware that has neither", () => {
    const { socket } = secured(sara("SARA-R410M-02B"), (each) =>
      each.on("AT+USECPRF=0,10,", ["+CME ERROR: 50"]).on("AT+USECPRF=0,13,", ["+CME ERROR: 50"]),
    );
    assert.deepEqual(socket.events, ["writable 4096"]);
  });

  it("resumes the session of the last connection to the same place, and forgets one that does not help", () => {
    const { socket, script, until, modem, log } = secured(sara("SARA-R510S-01B"));
    script.urc("+UUSECPRF: 0,13,2,c2Vzc2lvbg==,c2VjcmV0");
    socket.socket.close();
    const open = (port: number) => {
      script.commands.length = 0;
      const next = new Watched(modem.TLS, { ...SECURITY, port });
      until(() => next.events.length > 0);
      next.socket.close();
      return script.commands.filter((command) => command.includes(",13,2"));
    };
    const resumed = /^AT\+USECPRF=\d,13,2,c2Vzc2lvbg==,c2VjcmV0$/;
    assert.match(open(80)[0]!, resumed);
    assert.deepEqual(open(81), [], "another place");
    script.on("AT+USECPRF=", (command) => (command.includes(",3,") ? ["ERROR"] : undefined));
    assert.match(open(80)[0]!, resumed);
    assert.deepEqual(open(80), []);
    assert.ok(!log.some((line) => line.startsWith(">") && line.includes("c2VjcmV0")));
  });
});
