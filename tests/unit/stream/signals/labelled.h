#pragma once

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace tidewatch {

/// A labelled answer of the XSTest files.
struct LabelledAnswer {
  std::string question;
  std::string text;
  bool declines = false;  ///< label 2 (full refusal) or 3 (partial refusal)
  char label = '0';       ///< '1', '2' or '3' of XSTest
};

/// RFC 4180 rows, so much as these files need: quoted fields with line breaks and doubled quotes.
inline std::vector<std::vector<std::string>> read_csv(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream all;
  all << in.rdbuf();
  const std::string text = all.str();
  std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && quoted && i + 1 < text.size() && text[i + 1] == '"')
      rows.back().back().push_back(text[++i]);
    else if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      rows.back().emplace_back();
    else if (c == '\n' && !quoted)
      rows.emplace_back(1);
    else if (c != '\r' || quoted)
      rows.back().back().push_back(c);
  }
  return rows;
}

inline std::vector<LabelledAnswer> read_labelled(const std::string& path) {
  std::vector<LabelledAnswer> out;
  for (const auto& row : read_csv(path))
    if (row.size() == 8 && row[0] != "id") out.push_back({row[2], row[3], row[7][0] != '1', row[7][0]});
  return out;
}

/// Agreement of a yes/no check with labels.
struct Agreement {
  int true_positive = 0;
  int false_positive = 0;
  int false_negative = 0;
  int true_negative = 0;
  void add(bool said, bool is) {
    ++(said ? (is ? true_positive : false_positive) : (is ? false_negative : true_negative));
  }
  int total() const { return true_positive + false_positive + false_negative + true_negative; }
  double precision() const { return true_positive / std::max(1.0, 1.0 * true_positive + false_positive); }
  double recall() const { return true_positive / std::max(1.0, 1.0 * true_positive + false_negative); }
  double f1() const { return 2 * precision() * recall() / std::max(1e-9, precision() + recall()); }
};

}  // namespace tidewatch
