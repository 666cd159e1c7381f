"""A real Apache Kafka on a free loopback port, from the jars and the files of tests/kafka/broker."""

import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class KafkaBroker:
    """`with KafkaBroker(source, folder) as broker`: started and answering; ended at the end."""

    def __init__(self, source: Path, folder: Path):
        self._source = source
        self._folder = folder
        self._process = None
        self.address = ""

    def __enter__(self):
        setup = self._source / "tests/kafka/broker"
        jars = self._source / "build/kafka"
        subprocess.run([setup / "fetch.sh"], check=True)
        shutil.copytree(jars / "template", self._folder / "logs")
        port, controller_port = free_port(), free_port()
        self.address = f"127.0.0.1:{port}"
        properties = (setup / "server.properties").read_text()
        for what, by in {"@CONTROLLER_PORT@": controller_port, "@PORT@": port, "@LOGS@": self._folder / "logs"}.items():
            properties = properties.replace(what, str(by))
        (self._folder / "server.properties").write_text(properties)
        with (self._folder / "broker.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                 f"-Dlog4j2.configurationFile={setup / 'log4j2.properties'}",
                 "-cp", f"{jars / 'lib'}/*", "kafka.Kafka", str(self._folder / "server.properties")],
                stdout=log, stderr=log)
        try:
            self._wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def _wait_until_ready(self):
        client = AdminClient({"bootstrap.servers": self.address, "log_level": 0})
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise RuntimeError("the broker ended:\n" + (self._folder / "broker.log").read_text())
            try:
                if client.list_topics(timeout=1).brokers:
                    return
            except KafkaException:
                pass
        raise RuntimeError(f"the broker does not answer; its log is in {self._folder}")
