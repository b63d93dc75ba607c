"""Checks requests and tokens with the reference library; one JSON object per line in, one with the result out."""
import json
import sys

from openpaygo import MetricsResponseHandler, TokenType, decode_token, generate_token


def without_none(value):
    if isinstance(value, dict):
        return {key: without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_none(item) for item in value]
    return value


def check_request(line):
    handler = MetricsResponseHandler(
        line["body"], secret_key=line["key"], data_format=line["format"]
    )
    if not handler.is_auth_valid():
        return "the signature is not accepted"
    simple = handler.get_simple_metrics()
    for name in ("data", "historical_data"):
        found = without_none(simple[name])
        if found != line["expected"][name]:
            return f"{name} is {found}, expected {line['expected'][name]}"
    return None


def make_token(line):
    count, token = generate_token(**line["generate"])
    return {"count": count, "token": token}


def decode(line):
    try:
        value, kind, count, _ = decode_token(**line["decode"])
    except UnboundLocalError:  # what it does with an extended token that is invalid
        return {"value": None, "type": TokenType.INVALID, "count": None}
    return {"value": value, "type": kind, "count": count}


def answer(line):
    handler = MetricsResponseHandler(line["request"], secret_key=line["key"], data_format=line["format"])
    handler.response_dict = line["answer"]
    return {"payload": handler.get_answer_payload()}


def exact(digits):
    """JavaScript writes large floats as integers."""
    return int(digits) if abs(int(digits)) < 2**53 else float(digits)


def main():
    checked = {}
    failures = []
    for text in sys.stdin:
        line = json.loads(text, parse_int=exact)
        if "body" in line:
            method = line["method"]
            problem = check_request(line)
            if problem:
                failures.append(f"{method}: {problem}\n{text}")
            checked[method] = checked.get(method, 0) + 1
        elif "generate" in line:
            print(json.dumps(make_token(line)))
        elif "decode" in line:
            print(json.dumps(decode(line)))
        else:
            print(json.dumps(answer(line)))
    if failures:
        sys.exit(f"{len(failures)} failures; the first: {failures[0]}")
    if checked:
        print(json.dumps(checked))


main()
