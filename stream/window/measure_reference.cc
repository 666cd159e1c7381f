#include "stream/window/measure_reference.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "stream/window/measures.h"

namespace tidewatch {
namespace {

std::string_view in_words(Worse worse) {
  switch (worse) {
    case Worse::up:
      return "up";
    case Worse::down:
      return "down";
    case Worse::none:
      return "";
  }
  return "";
}

}  // namespace

std::string measure_reference() {
  constexpr std::pair<MeasureClass, std::string_view> kClasses[] = {
      {MeasureClass::volume, "Volume"},     {MeasureClass::error, "Errors"},
      {MeasureClass::quality, "Quality"},   {MeasureClass::safety, "Safety"},
      {MeasureClass::latency, "Latency"},   {MeasureClass::cost, "Tokens and cost"},
      {MeasureClass::feedback, "Feedback"}, {MeasureClass::behaviour, "Behaviour"},
  };
  const MeasureCatalog catalog;
  std::string out;
  for (const auto& [measure_class, title] : kClasses) {
    out += fmt::format("### {}\n| measure | kind | unit | worse | meaning |\n|---|---|---|---|---|\n", title);
    for (size_t id = 0; id < catalog.size(); ++id) {
      const MeasureInfo& info = catalog.info(static_cast<MeasureId>(id));
      if (info.measure_class != measure_class) continue;
      out += fmt::format("| `{}` | {} | {} | {} | {} |\n", info.name, name_of(info.kind), name_of(info.unit),
                         in_words(info.worse), info.help);
    }
    out += '\n';
  }
  return out;
}

}  // namespace tidewatch
