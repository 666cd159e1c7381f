#!/usr/bin/env python3
"""Prints one line for each transition of an alert, from the topic tidewatch.alerts (JSON).

    pip install confluent-kafka
    python read_alerts.py --brokers localhost:9092

Only what was committed is read (read_committed), and offsets are stored after a line is printed: a consumer that dies
reads some transitions again, and `ce_id`, which names a transition, tells that they are known.
"""

import argparse
import json
import sys
from collections import OrderedDict

from confluent_kafka import Consumer, KafkaError, KafkaException

REMEMBERED = 10_000  # transitions whose repetition is noticed


class Seen:
    """The last identifiers, oldest forgotten first."""

    def __init__(self, limit):
        self._limit = limit
        self._ids = OrderedDict()

    def add(self, identifier):
        """True when the identifier is new."""
        if identifier in self._ids:
            return False
        self._ids[identifier] = None
        if len(self._ids) > self._limit:
            self._ids.popitem(last=False)
        return True


def transition_id(headers, alert):
    return headers.get("ce_id") or f"{alert['id']}/{alert['transition']}/{alert['observed_at']}"


def line_of(alert):
    entity = ",".join(f"{name}={value}" for name, value in sorted(alert["labels"].items()))
    return (
        f"{alert['observed_at']} {alert['transition']:9} {alert['severity']:6} {alert['measure']} [{entity}] "
        f"{alert['why']} (alert {alert['id']})"
    )


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brokers", default="localhost:9092")
    parser.add_argument("--topic", default="tidewatch.alerts")
    parser.add_argument("--group", default="read-alerts")
    parser.add_argument("--exit-when-idle", type=float, metavar="SECONDS", help="end when nothing came for so long")
    return parser.parse_args()


def read(consumer, exit_when_idle):
    """Headers and alert of each message, until nothing comes any more."""
    while True:
        message = consumer.poll(exit_when_idle if exit_when_idle else 1.0)
        if message is None:
            if exit_when_idle:
                return
            continue
        if message.error():
            if message.error().code() == KafkaError._PARTITION_EOF or message.error().retriable():
                continue
            raise KafkaException(message.error())
        headers = {name: (value or b"").decode() for name, value in message.headers() or []}
        if headers.get("content-type", "application/json") != "application/json":
            raise SystemExit(f"read_alerts: the topic holds {headers['content-type']}; set `format: json` in the config")
        yield headers, json.loads(message.value())
        consumer.store_offsets(message=message)


def main():
    args = options()
    consumer = Consumer(
        {
            "bootstrap.servers": args.brokers,
            "group.id": args.group,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "enable.auto.offset.store": False,
        }
    )
    consumer.subscribe([args.topic])
    seen = Seen(REMEMBERED)
    try:
        for headers, alert in read(consumer, args.exit_when_idle):
            if seen.add(transition_id(headers, alert)):
                print(line_of(alert), flush=True)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
