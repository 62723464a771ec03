"""Sends CloudEvents with the Python SDK to a daemon, and asks what became of them."""

import json
import sys
import urllib.error
import urllib.request

from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

url = sys.argv[1]


def ask(method, path, headers=None, body=None):
    request = urllib.request.Request(url + path, data=body, headers=dict(headers or {}), method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def event(key, data, **more):
    attributes = {"id": key, "source": "/shop/ї", "type": "cart", "specversion": "1.0", "datacontenttype": "application/json"}
    return CloudEvent(attributes={**attributes, **more}, data=data)


def check(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: {found!r} is not {expected!r}")
    print(f"ok {what}")


def expect(what, message, status):
    found, answer = ask("POST", "/v1/events", message.headers, message.body)
    check(what, found, status)
    return answer


binary = event("b-1", {"email": "ann@example.com", "total": 12.5, "town": "Київ"})
accepted = expect("binary", to_binary(binary, JSONFormat()), 202)["accepted"]
check("binary is new", accepted[0]["duplicate"], False)
accepted = expect("binary again", to_binary(binary, JSONFormat()), 202)["accepted"]
check("binary again is a duplicate", accepted[0]["duplicate"], True)

structured = event("s-1", {"email": "bob@example.com", "town": "Львів"}, subject="x")
expect("structured", to_structured(structured, JSONFormat()), 202)
accepted = expect("structured, again as binary", to_binary(structured, JSONFormat()), 202)["accepted"]
check("the mode makes no difference", accepted[0]["duplicate"], True)
expect("structured that does not fit", to_structured(event("s-2", {"email": 5}), JSONFormat()), 422)

parts = [json.loads(to_structured(event(f"p-{n}", {"email": f"p{n}@example.com"}), JSONFormat()).body) for n in range(3)]
headers = {"content-type": "application/cloudevents-batch+json"}
status, answer = ask("POST", "/v1/events", headers, json.dumps(parts).encode())
check("batch", (status, len(answer["accepted"])), (202, 3))

status, events = ask("GET", "/v1/events?type=cart&limit=10")
check("events received", (status, len(events["items"])), (200, 5))
towns = {item["params"].get("town") for item in events["items"]}
check("letters are kept", towns, {None, "Київ", "Львів"})
