#include "app/config/format/document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include <sstream>

#include "app/config/config.h"

namespace tidewatch::config {
namespace {

struct Refused {
  YAML::Mark mark;
  std::string message;
};

/// Looks at the events of a document before it is built: the builder and its users may then trust its depth.
class Gauge final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw Refused{mark, "a config is one YAML document; there are several here"};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnAlias(const YAML::Mark& /*mark*/, YAML::anchor_t /*anchor*/) override {}
  void OnScalar(const YAML::Mark& /*mark*/, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                const std::string& /*value*/) override {}
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    enter(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    enter(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void enter(const YAML::Mark& mark) {
    if (++depth_ > kMaxDepth) throw Refused{mark, fmt::format("nested deeper than {} levels", kMaxDepth)};
  }
  int depth_ = 0;
  int documents_ = 0;
};

}  // namespace

std::variant<YAML::Node, DocumentError> parse_document(std::string_view yaml) try {
  if (yaml.size() > kMaxConfigBytes)
    return DocumentError{YAML::Mark::null_mark(), fmt::format("larger than {} bytes", kMaxConfigBytes)};
  const std::string text(yaml);
  std::istringstream events(text);
  YAML::Parser parser(events);
  Gauge gauge;
  while (parser.HandleNextDocument(gauge)) {
  }
  return YAML::Load(text);
} catch (const Refused& refused) {
  return DocumentError{refused.mark, refused.message};
} catch (const YAML::Exception& error) {
  return DocumentError{error.mark, "not YAML: " + error.msg};
}

}  // namespace tidewatch::config
