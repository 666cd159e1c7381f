#include "app/gen/traffic/world.h"

namespace tidewatch::gen {

const std::vector<Service>& world() {
  static const Model mini{"openai", "gpt-4o-mini", "gpt-4o-mini-2024-07-18", 0.15e-6, 0.6e-6};
  static const Model large{"openai", "gpt-4o", "gpt-4o-2024-08-06", 2.5e-6, 10e-6};
  static const Model haiku{"anthropic", "claude-3-5-haiku-latest", "claude-3-5-haiku-20241022", 0.8e-6, 4e-6};
  static const std::vector<Service> services = {
      {"shop-assistant",
       "2.7.1",
       1.0,
       15,
       0.85,
       {{"/chat", 0.5, Pipeline::chat, mini, "v12", 320, 1.0, true},
        {"/rag/answer", 0.5, Pipeline::rag, mini, "v8", 410, 1.0, false}}},
      {"helpdesk",
       "1.19.0",
       1.0,
       11,
       0.45,
       {{"/agent", 0.45, Pipeline::agent, large, "v31", 640, 1.15, false},
        {"/rag/answer", 0.35, Pipeline::rag, haiku, "v5", 380, 0.9, true},
        {"/chat", 0.2, Pipeline::chat, haiku, "v5", 300, 0.9, true}}},
      {"docs-search",
       "0.9.4",
       1.0,
       13,
       0.5,
       {{"/summarize", 0.5, Pipeline::summarize, haiku, "v3", 260, 1.0, false},
        {"/extract", 0.5, Pipeline::extract, mini, "v9", 350, 0.8, false}}},
  };
  return services;
}

}  // namespace tidewatch::gen
