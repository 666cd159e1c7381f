"""A service traced by the OpenTelemetry SDK, a real OpenTelemetry Collector, a real Kafka, and `tidewatch run`.

The Collector runs deploy/collector/otel-collector.yaml, Tidewatch docs/examples/tidewatch.yaml; only addresses are
replaced. Passes when one message per trace lies in otlp_spans, and on tidewatch.quality-scores each window of the
service has a quality score with every request counted once, and /metrics shows what the alert rules name.

    collector_test.py SOURCE_FOLDER COLLECTOR TIDEWATCH
"""

import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

from confluent_kafka import Consumer
from kafka_broker import KafkaBroker, free_port
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, set_span_in_context

SERVICE = "collector-test"
WINDOW_S = 300
WINDOWS = 12
REQUESTS_PER_WINDOW = 20
SECOND = 1_000_000_000


def replaced(text, substitutions):
    """`text` with each key replaced; one that does not occur is a mistake of the test."""
    for what, by in substitutions.items():
        if what not in text:
            raise RuntimeError(f"nothing to replace: {what}")
        text = text.replace(what, by)
    return text


@contextmanager
def process(command, log):
    with log.open("wb") as out:
        started = subprocess.Popen([str(part) for part in command], stdout=out, stderr=out)
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(30)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def await_that(condition, what, processes, timeout_s=120):
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        for started in processes:
            if started.poll() is not None:
                raise RuntimeError(f"{started.args[0]} ended with {started.returncode}")
        result = condition()
        if result:
            return result
        time.sleep(0.1)
    raise RuntimeError(f"not within {timeout_s} s: {what}")


def accepts_connections(port):
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex(("127.0.0.1", port)) == 0


def send_requests(endpoint, first_window_s):
    """Requests of an hour, ended some windows before now; returns how many traces were sent."""
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces")))
    tracer = provider.get_tracer("collector-test")
    for number in range(WINDOWS * REQUESTS_PER_WINDOW):
        start = int((first_window_s + number * WINDOW_S / REQUESTS_PER_WINDOW) * SECOND) + SECOND
        root = tracer.start_span("POST /chat", kind=SpanKind.SERVER, start_time=start,
                                 attributes={"http.route": "/chat", "http.request.method": "POST"})
        call = tracer.start_span(
            "chat small", context=set_span_in_context(root), kind=SpanKind.CLIENT, start_time=start + SECOND // 10,
            attributes={"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
                        "gen_ai.request.model": "small", "gen_ai.response.model": "small-1",
                        "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
                        "gen_ai.response.finish_reasons": ["stop"]})
        call.end(start + SECOND)
        root.end(start + SECOND + SECOND // 10)
    provider.shutdown()
    return WINDOWS * REQUESTS_PER_WINDOW


def reader(broker, topic):
    consumer = Consumer({"bootstrap.servers": broker, "group.id": f"read-{topic}", "auto.offset.reset": "earliest",
                         "isolation.level": "read_committed", "enable.auto.commit": False})
    consumer.subscribe([topic])
    return consumer


def check_messages(broker, sent, processes):
    """One message per trace, keyed by its id, as deploy/collector/otel-collector.yaml asks for."""
    consumer, keys = reader(broker, "otlp_spans"), []

    def all_came():
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            keys.append(message.key())
        return len(keys) >= sent

    await_that(all_came, f"{sent} messages on otlp_spans", processes)
    consumer.close()
    if len(set(keys)) != sent or not all(re.fullmatch(rb"[0-9a-f]{32}", key or b"") for key in keys):
        raise RuntimeError(f"not one message per trace: {len(keys)} messages, {len(set(keys))} keys")


def check_scores(broker, first_window_s, processes):
    """Every window in which requests were sent is scored, with each request counted once; returns the last score."""
    starts = [first_window_s + number * WINDOW_S for number in range(WINDOWS)]
    consumer, scores = reader(broker, "tidewatch.quality-scores"), {}

    def all_windows():
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            score = json.loads(message.value())
            if score["labels"] == {"service": SERVICE}:
                start = int(datetime.fromisoformat(score["window_start"].replace("Z", "+00:00")).timestamp())
                scores[start] = score
        return all(start in scores for start in starts)

    try:
        await_that(all_windows, f"quality scores of the service in {WINDOWS} windows", processes)
    finally:
        consumer.close()
    for start in starts:
        counted = [m.get("value") for m in scores[start]["measures"] if m["measure"] == "requests"]
        if counted != [REQUESTS_PER_WINDOW]:
            raise RuntimeError(f"{scores[start]['window_start']}: {counted} requests, sent were {REQUESTS_PER_WINDOW}")
    return scores[starts[-1]]


def check_rules_name_metrics(source, log):
    """Every metric of the alert rules that a healthy process shows is in a real answer of /metrics."""
    port = re.search(r"http://[0-9.]+:(\d+)", log.read_text()).group(1)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    rules = (source / "deploy/prometheus/tidewatch.rules.yaml").read_text()
    # Counters of what may never happen appear with the first event: those are in the table of what metrics mean.
    described = set(re.findall(r'^    \{"([a-z_]+)", "', (source / "stream/runtime/metrics.cc").read_text(), re.MULTILINE))
    only_when_it_happens = {f"tidewatch_{name}_total" for name in described if name in {
        "dead_letters", "late_requests", "aborted_transactions", "entities_in_other", "requests_without_entity",
        "unmatched_feedback", "unmatched_evaluations", "findings_by_span", "joined_by_span"}}
    only_when_it_happens |= {"tidewatch_feedback_events_total", "tidewatch_evaluation_events_total"}
    for metric in sorted(set(re.findall(r"tidewatch_[a-z_]+", rules)) - only_when_it_happens):
        if not re.search(rf"^{metric}[{{ ]", text, re.MULTILINE):
            raise RuntimeError(f"the alert rules name {metric}, which /metrics does not show")


def run(source, collector, tidewatch, folder, stack):
    broker = stack.enter_context(KafkaBroker(source, folder)).address
    config = folder / "tidewatch.yaml"
    example = (source / "docs/examples/tidewatch.yaml").read_text()
    config.write_text(replaced(example, {"localhost:9092": broker}) + "http: {port: 0}\n")
    subprocess.run([tidewatch, "doctor", "--config", config, "--fix"], stdout=subprocess.DEVNULL, check=False)

    grpc, http = free_port(), free_port()
    collector_config = folder / "otel-collector.yaml"
    collector_config.write_text(replaced(
        (source / "deploy/collector/otel-collector.yaml").read_text(),
        {"localhost:9092": broker, "0.0.0.0:4317": f"127.0.0.1:{grpc}", "0.0.0.0:4318": f"127.0.0.1:{http}"}))
    # The Collector's own metrics would take a fixed port.
    started = [stack.enter_context(process(
        [collector, "--config", collector_config, "--config", "yaml:service::telemetry::metrics::level: none"],
        folder / "collector.log"))]
    await_that(lambda: accepts_connections(http), "the Collector accepts OTLP/HTTP", started)
    log = folder / "tidewatch.log"
    started.append(stack.enter_context(process([tidewatch, "run", "--config", config], log)))

    # Whole windows, the last one long enough ago that its end has passed for every allowed lateness.
    first_window = (int(time.time()) // WINDOW_S - WINDOWS - 2) * WINDOW_S
    sent = send_requests(f"http://127.0.0.1:{http}", first_window)
    check_messages(broker, sent, started)
    score = check_scores(broker, first_window, started)
    await_that(lambda: "http://" in log.read_text(), "tidewatch serves /metrics", started)
    await_that(lambda: _passes(lambda: check_rules_name_metrics(source, log)), "/metrics shows what rules name", started, 30)
    print(f"{sent} traces, one message each; {json.dumps(score['labels'])} in {WINDOWS} windows: "
          f"{REQUESTS_PER_WINDOW} requests each, index {score.get('index')}")


def _passes(check):
    try:
        check()
    except (RuntimeError, OSError) as failure:
        print(f"waiting: {failure}")
        return False
    return True


def main():
    source, collector, tidewatch = (Path(argument).resolve() for argument in sys.argv[1:4])
    folder = Path(tempfile.mkdtemp(prefix="tidewatch-collector-"))
    with ExitStack() as stack:
        try:
            run(source, collector, tidewatch, folder, stack)
        except BaseException:
            print(f"logs are in {folder}", file=sys.stderr)
            raise
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
