"""Exporters of the OpenTelemetry SDK that write to Kafka what an OTLP exporter would send: the SDK has none.

The bytes are those of OpenTelemetry's own encoder: one ExportTraceServiceRequest or ExportLogsServiceRequest per batch.
"""

from confluent_kafka import Producer
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs.export import LogRecordExporter, LogRecordExportResult
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult


class Topic:
    """Writes whole messages to a topic; a message that is not delivered ends the program with an exception."""

    def __init__(self, brokers, name):
        self._name = name
        self._producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True})
        self._failures = []

    def write(self, message):
        self._producer.produce(self._name, message.SerializeToString(),
                               on_delivery=lambda error, _: self._failures.append(error) if error else None)

    def flush(self):
        waiting = self._producer.flush(30)
        if waiting or self._failures:
            raise RuntimeError(f"{self._name}: {waiting} messages not sent, not delivered: {self._failures}")


class KafkaSpanExporter(SpanExporter):
    def __init__(self, topic):
        self._topic = topic

    def export(self, spans):
        self._topic.write(encode_spans(spans))
        return SpanExportResult.SUCCESS

    def force_flush(self, timeout_millis=30000):
        self._topic.flush()
        return True

    def shutdown(self):
        self._topic.flush()


class KafkaLogExporter(LogRecordExporter):
    def __init__(self, topic):
        self._topic = topic

    def export(self, batch):
        self._topic.write(encode_logs(batch))
        return LogRecordExportResult.SUCCESS

    def force_flush(self, timeout_millis=30000):
        self._topic.flush()
        return True

    def shutdown(self):
        self._topic.flush()
