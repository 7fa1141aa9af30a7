#!/usr/bin/env python3
"""An instance that registers, renews, watches its service, and drains itself when its input ends.
Usage: client.py http://localhost:8761 APP ID PORT"""
import json, sys, threading, time, urllib.request
server, app, me, port = sys.argv[1:5]
def call(method, path, body=None, accept="application/json"):
    headers = {"Content-Type": "application/json", "Accept": accept}
    body = json.dumps(body).encode() if body is not None else None
    return urllib.request.urlopen(urllib.request.Request(f"{server}/api/v1{path}", body, headers, method=method), timeout=40)
def register():
    return json.load(call("PUT", f"/instances/{app}/{me}", {"host": "localhost", "port": int(port), "duration_ms": 15000}))
def renew(every, known=True):
    while not time.sleep(every):
        try: known = bool(call("PUT", f"/instances/{app}/{me}/lease", {}) if known else register())
        except OSError as error: known = known and getattr(error, "code", None) != 404  # then it registers again
def watch(since=""):
    while True:
        try:
            for line in call("GET", f"/stream?query=app:{app}&rows=yes&since={since}", accept="application/x-ndjson"):
                message = json.loads(line)
                since = "" if message["event"] == "resync" else message["id"] or since
                if message["event"] == "resync": break  # without a position it begins anew, with the whole list
                for row in message["data"].get("rows", []): print("listed", row["id"], row["status"], flush=True)
                for change in message["data"].get("changes", []): print(change["kind"], change["id"], flush=True)
        except (OSError, ValueError): time.sleep(1)
threading.Thread(target=renew, args=[register()["renew_every_ms"] / 1000], daemon=True).start()
threading.Thread(target=watch, daemon=True).start()
sys.stdin.read()  # until somebody says stop
drain = json.load(call("POST", "/drain", {"app": app, "id": me, "by": "client.py", "reason": "it stops", "confirm_empties_zone": True}))
while not json.load(call("GET", f"/drains/{drain['id']}"))["safe_to_stop"]: time.sleep(0.5)
call("DELETE", f"/instances/{app}/{me}")
