#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "app/files/span_file_reader.h"
#include "stream/runtime/local_runner.h"

namespace tidewatch {

/// Files as partitions of the input streams: each is one, in the order given.
struct BacktestFiles {
  std::vector<std::string> spans;
  std::vector<std::string> logs;
  std::vector<std::string> feedback;
  std::vector<std::string> evaluations;
};

/// Feeds files to a local runner so that event time advances evenly: always the file whose stage is furthest behind,
/// so that nothing piles up while another file is read ahead.
class BacktestInputs {
 public:
  /// Errors: of opening a file (`open_failed`, ...).
  static Result<BacktestInputs> open(const BacktestFiles& files);

  /// Partitions of each input stream, for the runner; a stream without files has none of its own.
  std::map<Stream, int32_t> partitions() const;

  /// Tells the runner which partitions have no file, so that they are not waited for.
  void begin(LocalRunner& runner) const;
  /// Appends the next message of one file and tells the runner of files that have ended; false when all are read. The
  /// file of spans that ends last stays where it is: nothing is known of what came after it. What cannot be read as a
  /// message is kept in `errors`, and its file goes on or ends as SpanFileReader says.
  /// Several runners get the same messages; the first says which file is behind. Pre: at least one.
  bool feed(std::span<LocalRunner* const> runners);

  /// Feeds everything and lets the stages work on it. `between` is called after each batch, to take what they
  /// published; its errors end the run. `linger`: event time goes on for so long after the last span, so that its
  /// request is closed; later windows, of feedback alone, were not finished.
  Status feed_all(LocalRunner& runner, Duration linger, const std::function<Status()>& between);

  /// The same of several runners at once, each with a time to linger. `between` is told when nothing will follow.
  struct Fed {
    LocalRunner* runner;
    Duration linger;
  };
  Status feed_all(std::span<const Fed> fed, const std::function<Status(bool is_end)>& between);

  /// Where event time stands after everything: at the last span.
  Timestamp last_span(const LocalRunner& runner) const;

  /// Name of the file behind a partition.
  const std::string& name_of(Stream stream, int32_t partition) const;
  uint64_t messages() const { return messages_; }
  FileShare share_read() const;  ///< of all files together
  const std::vector<Error>& errors() const { return errors_; }

 private:
  struct Source {
    Stream stream;
    int32_t partition;
    std::string path;
    SpanFileReader reader;
    bool has_ended = false;
  };
  bool has_more_spans() const;

  std::vector<Source> sources_;
  std::vector<Error> errors_;
  uint64_t messages_ = 0;
};

}  // namespace tidewatch
