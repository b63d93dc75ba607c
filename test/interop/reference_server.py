"""A metrics server on 127.0.0.1 whose judgement is the reference library's (openpaygo 0.6.3).

It prints its port, and appends one JSON line per POST to /device_data or /dd to the file given by --log:
{"auth_valid", "request_count", "timestamp", "data", "rows", "error"}. The format of --format is taken under its
"id", or 1; formats posted to /data_format follow.
"""

import argparse
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

# A file beside this one must not stand in for the library.
sys.path[:] = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]
# The library computes with naive local times.
os.environ["TZ"] = "UTC"
time.tzset()

from openpaygo import MetricsResponseHandler, generate_token  # noqa: E402


class Device:
    """One device and all that the server keeps about it."""

    def __init__(self, options):
        self.serial = options.serial
        self.key = options.key
        self.token_value = options.token_value
        self.log = options.log
        self.formats = {}
        self.last_count = None
        self.last_timestamp = None
        self.token = None
        if options.format:
            with open(options.format, encoding="utf-8") as file:
                data_format = json.load(file)
            self.formats[data_format.get("id", 1)] = data_format

    def register(self, body):
        data_format = json.loads(body)
        for number, known in self.formats.items():
            if known == data_format:
                return number
        number = max(self.formats, default=0) + 1
        self.formats[number] = data_format
        return number

    def take(self, body):
        """Status and text of the answer; what was understood goes to the log."""
        entry = {"auth_valid": False, "request_count": None, "timestamp": None, "data": None, "rows": [], "error": None}
        try:
            return self.judge(body, entry)
        except Exception as error:  # The library raises whatever its parsing runs into.
            entry["error"] = f"{type(error).__name__}: {error}"
            return 400, json.dumps({"error": entry["error"]})
        finally:
            with open(self.log, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")

    def judge(self, body, entry):
        metrics = MetricsResponseHandler(body)
        entry["request_count"] = metrics.get_request_count()
        entry["timestamp"] = metrics.get_request_timestamp()
        if metrics.get_device_serial() != self.serial:
            raise ValueError(f"unknown device {metrics.get_device_serial()}")
        metrics.set_device_parameters(
            secret_key=self.key,
            data_format=self.format_of(metrics),
            last_request_count=self.last_count,
            last_request_timestamp=self.last_timestamp,
        )
        entry["auth_valid"] = metrics.is_auth_valid()
        if not entry["auth_valid"]:
            entry["error"] = "is_auth_valid is false"
            return 403, json.dumps({"error": entry["error"]})
        simple = metrics.get_simple_metrics()
        entry["data"] = simple["data"]
        entry["rows"] = simple["historical_data"]
        self.last_count = metrics.get_request_count() or self.last_count
        self.last_timestamp = metrics.get_request_timestamp() or self.last_timestamp
        self.offer_token(metrics)
        return 201, metrics.get_answer_payload()

    def format_of(self, metrics):
        number = metrics.get_data_format_id()
        if number is None:
            return None
        if number not in self.formats:
            raise ValueError(f"unknown data_format_id {number}")
        return self.formats[number]

    def offer_token(self, metrics):
        """One token that adds time, until the device's count says that it has it."""
        if self.token_value is None or not metrics.expects_token_answer():
            return
        if self.token is None:
            self.token = generate_token(secret_key=self.key, count=metrics.get_token_count(), value=self.token_value)
        count, token = self.token
        if metrics.get_token_count() < count:
            metrics.add_tokens_to_answer([token])


def handler_for(device):
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                status, text = self.route(body)
            answer = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def route(self, body):
            if self.path in ("/device_data", "/dd"):
                return device.take(body)
            if self.path == "/data_format":
                return 201, json.dumps({"id": device.register(body)})
            return 404, json.dumps({"error": f"unknown path {self.path}"})

        def log_message(self, *_):
            pass

    return Handler


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serial", required=True)
    parser.add_argument("--key", required=True, help="32 hex digits")
    parser.add_argument("--format", help="file with a data format in JSON")
    parser.add_argument("--log", required=True, help="file for one JSON line per request")
    parser.add_argument("--token-value", type=int, help="answer with a token that adds so much time")
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(Device(parser.parse_args())))
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
