"""py-eureka-client: settings in as JSON, its view of the registry out twice a second, commands from stdin."""
import asyncio
import json
import os
import sys
import threading
import time

from py_eureka_client.eureka_client import EurekaClient


def connect(settings):
    return EurekaClient(
        eureka_server=",".join(settings["urls"]),
        app_name=settings["app"],
        instance_id=settings["id"],
        instance_host=settings["host"],
        instance_ip=settings["ip"],
        instance_port=settings["port"],
        instance_secure_port=settings["securePort"],
        instance_secure_port_enabled=settings["securePortEnabled"],
        vip_adr=settings["vip"],
        secure_vip_addr=settings["secureVip"],
        home_page_url=settings["homePageUrl"],
        status_page_url=settings["statusPageUrl"],
        health_check_url=settings["healthCheckUrl"],
        metadata=settings["metadata"],
        renewal_interval_in_secs=1,
        duration_in_secs=settings["leaseSeconds"],
    )


def described(instance):
    return {"app": instance.app, "id": instance.instanceId, "status": instance.status, "metadata": instance.metadata}


def say(**words):
    print(json.dumps(words), flush=True)


def print_view(client):
    while True:
        applications = client.applications.applications if client.applications else []
        say(sees=[described(instance) for application in applications for instance in application.instances])
        time.sleep(0.5)


def obey(loop, client, command):
    change = client.status_update("OUT_OF_SERVICE") if command == "out" else client.delete_status_override()
    loop.run_until_complete(change)
    say(answer=command)


def main():
    client = connect(json.loads(sys.argv[1]))
    loop = asyncio.new_event_loop()
    loop.run_until_complete(client.start())
    threading.Thread(target=print_view, args=[client], daemon=True).start()
    for line in sys.stdin:
        if line.strip() == "stop":
            loop.run_until_complete(client.stop())
            # The heartbeat thread outlives stop() and would register again.
            os._exit(0)
        obey(loop, client, line.strip())
    os._exit(1)


main()
