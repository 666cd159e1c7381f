"""A fake model server that speaks OpenAI's HTTP API on a loopback port; what it answers is decided by the question.

| the last user message contains | answer |
|---|---|
| `over quota` | HTTP 429 |
| `crash` | HTTP 500 |
| `forbidden` | a refusal |
| `as JSON` | JSON that the token limit cuts off |
| `order` and tools are offered, none was called yet | a tool call |
| anything else | a sentence |
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODEL = "gpt-4o-mini"
RESPONSE_MODEL = "gpt-4o-mini-2024-07-18"
ANSWER = "You can return shoes within thirty days after they were delivered."
REFUSAL = "I'm sorry, but I can't help with that request."
CHAT_USAGE = {"prompt_tokens": 400, "completion_tokens": 11, "total_tokens": 411,
              "prompt_tokens_details": {"cached_tokens": 250}, "completion_tokens_details": {"reasoning_tokens": 0}}
RESPONSES_USAGE = {"input_tokens": 300, "output_tokens": 21, "total_tokens": 321,
                   "input_tokens_details": {"cached_tokens": 100, "cache_write_tokens": 0},
                   "output_tokens_details": {"reasoning_tokens": 8}}
EMBEDDING_TOKENS = 7


def answer_to(question, may_call_tool):
    """Text and finish reason; no text for a tool call."""
    if "forbidden" in question:
        return REFUSAL, "stop"
    if "as JSON" in question:
        return '{"city": "Oslo", "temperature": ', "length"
    if "order" in question and may_call_tool:
        return None, "tool_calls"
    return ANSWER, "stop"


def chat(request):
    question = [m["content"] for m in request["messages"] if m["role"] == "user"][-1]
    was_called = any(m["role"] == "tool" for m in request["messages"])
    text, reason = answer_to(question, bool(request.get("tools")) and not was_called)
    message = {"role": "assistant", "content": text}
    if text is None:
        message["tool_calls"] = [{"id": "call_1", "type": "function",
                                  "function": {"name": "order_status", "arguments": '{"order": "A-17"}'}}]
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1760000000, "model": RESPONSE_MODEL,
            "choices": [{"index": 0, "message": message, "finish_reason": reason}], "usage": CHAT_USAGE}


def chat_chunks(request):
    whole = chat(request)
    choice = whole["choices"][0]
    head = {key: whole[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    for position, word in enumerate(choice["message"]["content"].split(" ")):
        delta = {"role": "assistant", "content": f" {word}" if position else word}
        yield head | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield head | {"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}
    yield head | {"choices": [], "usage": CHAT_USAGE}


def response(request):
    text, _ = answer_to(request["input"], False)
    return {"id": "resp_1", "object": "response", "created_at": 1760000000, "model": RESPONSE_MODEL,
            "status": "completed", "error": None, "incomplete_details": None, "instructions": None, "metadata": {},
            "parallel_tool_calls": True, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
            "output": [{"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
                        "content": [{"type": "output_text", "text": text, "annotations": []}]}],
            "usage": RESPONSES_USAGE}


def embeddings(request):
    return {"object": "list", "model": request["model"],
            "data": [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2, 0.3]}],
            "usage": {"prompt_tokens": EMBEDDING_TOKENS, "total_tokens": EMBEDDING_TOKENS}}


def failure(text):
    if "over quota" in text:
        return 429, {"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}
    if "crash" in text:
        return 500, {"error": {"message": "The server had an error", "type": "server_error", "code": None}}
    return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body of an answer leave together: else each waits for a delayed ACK

    def do_POST(self):
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        request = json.loads(text)
        failed = failure(text)
        if failed:
            self._answer(failed[0], json.dumps(failed[1]))
        elif request.get("stream"):
            events = [f"data: {json.dumps(chunk)}\n\n" for chunk in chat_chunks(request)]
            self._answer(200, "".join(events) + "data: [DONE]\n\n", "text/event-stream")
        else:
            make = {"/v1/chat/completions": chat, "/v1/responses": response, "/v1/embeddings": embeddings}[self.path]
            self._answer(200, json.dumps(make(request)))

    def _answer(self, status, text, content_type="application/json"):
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def start():
    """Serves until the process ends; returns the base URL for a client."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/v1"
