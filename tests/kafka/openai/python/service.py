"""A service that answers with an OpenAI client, traced by OpenTelemetry's own GenAI instrumentation, exports to Kafka.

    service.py BROKERS TRACES_TOPIC LOGS_TOPIC SERVICE_NAME

OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT says where texts go, as in production: `span_only`, `event_only`, or
nowhere when it is not set. PLAN is what it does; openai_test.cc knows what has to come of it.
"""

import sys
from contextlib import suppress

import model_server
import openai
from kafka_exporters import KafkaLogExporter, KafkaSpanExporter, Topic
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

QUESTION = "Can I return shoes after three weeks?"
TOOLS = [{"type": "function", "function": {
    "name": "order_status",
    "parameters": {"type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"]}}}]


class Service:
    def __init__(self, client, tracer):
        self._client = client
        self._tracer = tracer

    def handle(self, route, work):
        """One request under a server span, as a web framework's instrumentation makes it."""
        attributes = {"http.request.method": "POST", "http.route": route, "url.path": route,
                      "session.id": "s-1", "user.id": "u-1"}
        # A failure is recorded on the span, with status ERROR.
        with suppress(openai.APIError), self._tracer.start_as_current_span(
                f"POST {route}", kind=SpanKind.SERVER, attributes=attributes) as span:
            try:
                work()
                span.set_attribute("http.response.status_code", 200)
            except openai.APIError:
                span.set_attribute("http.response.status_code", 502)
                raise

    def chat(self, question, **more):
        messages = [{"role": "system", "content": "You are the assistant of a shop."},
                    {"role": "user", "content": question}]
        return self._client.chat.completions.create(model=model_server.MODEL, messages=messages, **more)

    def stream(self):
        for _ in self.chat(QUESTION, stream=True, stream_options={"include_usage": True}):
            pass

    def call_tool(self):
        messages = [{"role": "user", "content": "Where is my order A-17?"}]
        ask = {"model": model_server.MODEL, "tools": TOOLS}
        first = self._client.chat.completions.create(messages=messages, **ask).choices[0].message
        with self._tracer.start_as_current_span("execute_tool order_status", attributes={
                "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "order_status"}):
            result = '{"status": "shipped"}'
        messages += [first.model_dump(exclude_none=True),
                     {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": result}]
        self._client.chat.completions.create(messages=messages, **ask)

    def extract(self):
        schema = {"type": "object", "properties": {"city": {"type": "string"}, "temperature": {"type": "number"}},
                  "required": ["city", "temperature"]}
        self.chat("The weather in Oslo as JSON", max_tokens=11,
                  response_format={"type": "json_schema", "json_schema": {"name": "weather", "schema": schema}})

    def search(self):
        self._client.embeddings.create(model="text-embedding-3-small", input="return policy")
        self.chat(QUESTION)

    def respond(self, question):
        self._client.responses.create(model=model_server.MODEL, input=question)


def plan(service):
    """How often, where, what."""
    return [
        (20, "/chat", lambda: service.chat(QUESTION)),
        (4, "/chat", lambda: service.chat("Tell me something forbidden")),
        (3, "/chat", lambda: service.chat("I am over quota")),
        (2, "/chat", lambda: service.chat("Please crash")),
        (5, "/stream", service.stream),
        (6, "/orders", service.call_tool),
        (2, "/extract", service.extract),
        (3, "/search", service.search),
        (4, "/responses", lambda: service.respond(QUESTION)),
        (1, "/responses", lambda: service.respond("Tell me something forbidden")),
    ]


def main():
    brokers, traces, logs, name = sys.argv[1:5]
    resource = Resource.create({"service.name": name})
    tracers = TracerProvider(resource=resource)
    # Small batches: a trace is spread over messages.
    tracers.add_span_processor(BatchSpanProcessor(KafkaSpanExporter(Topic(brokers, traces)), max_export_batch_size=7))
    loggers = LoggerProvider(resource=resource)
    loggers.add_log_record_processor(
        BatchLogRecordProcessor(KafkaLogExporter(Topic(brokers, logs)), max_export_batch_size=7))
    OpenAIInstrumentor().instrument(tracer_provider=tracers, logger_provider=loggers)

    client = openai.OpenAI(api_key="none", base_url=model_server.start(), max_retries=0)
    service = Service(client, tracers.get_tracer("shop"))
    for times, route, work in plan(service):
        for _ in range(times):
            service.handle(route, work)
    tracers.shutdown()
    loggers.shutdown()


if __name__ == "__main__":
    main()
