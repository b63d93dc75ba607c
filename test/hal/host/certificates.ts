import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A private CA and a server certificate for `name`, PEM, made by OpenSSL; undefined where it is not installed. */
export function makeCertificates(name: string): { ca: string; cert: string; key: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "heliograph-ca-"));
  const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const file = (path: string) => readFileSync(join(folder, path), "utf8");
  try {
    openssl("req", "-x509", ...newKey, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA");
    openssl("req", ...newKey, "-keyout", "key.pem", "-out", "request.pem", "-subj", `/CN=${name}`);
    openssl(
      "x509",
      "-req",
      "-in",
      "request.pem",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-out",
      "cert.pem",
    );
    return { ca: file("ca.pem"), cert: file("cert.pem"), key: file("key.pem") };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
