#pragma once

#include <nlohmann/json.hpp>

#include "app/testset/test_set.h"

namespace tidewatch {

/// An item as test sets are written; what is empty is left out.
nlohmann::ordered_json item_json(const TestItem& item);

/// Errors: `bad_data` naming the key: of another type than item_json() writes, no question, a weight that is none.
Result<TestItem> item_from_json(const nlohmann::ordered_json& value);

/// The same of any of the shapes that others write, told apart by their keys:
/// - OpenAI evals, `{"input": [messages] or text, "ideal": text or [texts]}`, and of the Evals API `{"item": {...}}`
///   around the same or around `input`, `question` or `messages` with `ideal`, `ground_truth`, `expected` or `answer`;
/// - Langfuse dataset items, `{"input", "expectedOutput", "metadata", "sourceTraceId"}`;
/// - item_json().
Result<TestItem> item_from_any_json(const nlohmann::ordered_json& value);

/// `{"input": [messages], "ideal": [texts], "id", "metadata"}`: openai/evals reads the first two.
nlohmann::ordered_json openai_evals_json(const TestItem& item);
/// A Langfuse CreateDatasetItemRequest of the data set `name`.
nlohmann::ordered_json langfuse_json(const TestItem& item, const std::string& name);

}  // namespace tidewatch
