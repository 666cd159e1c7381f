#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidewatch::gen {

/// How a request is answered, which decides what spans its trace has.
enum class Pipeline : uint8_t {
  chat,       ///< one model call, sometimes with retrieval
  rag,        ///< embedding, retrieval, model call under a chain
  summarize,  ///< one model call with a long question
  agent,      ///< agent with rounds of model call and tool
  extract,    ///< one model call that must answer in JSON of a declared schema
};

struct Model {
  std::string provider;  ///< as gen_ai.provider.name
  std::string request;
  std::string response;
  double usd_per_input_token;
  double usd_per_output_token;
};

struct Endpoint {
  std::string route;
  double share;  ///< of the service's requests
  Pipeline pipeline;
  Model model;
  std::string prompt_version;
  double prompt_tokens;  ///< of the instructions, before question and documents
  double pace;           ///< factor on the time of model calls
  bool is_streaming;
};

struct Service {
  std::string name;
  std::string version;
  double traffic;          ///< factor on the rate
  double peak_hour;        ///< UTC hour of the busiest time of day
  double weekend_traffic;  ///< factor on Saturday and Sunday
  std::vector<Endpoint> endpoints;
};

/// The simulated company: three services with seven endpoints.
const std::vector<Service>& world();

}  // namespace tidewatch::gen
