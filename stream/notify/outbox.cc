#include "stream/notify/outbox.h"

#include <fmt/format.h>

#include <algorithm>

namespace tidewatch {
namespace {

int64_t to_nano(Timestamp time) { return time.time_since_epoch().count(); }
Timestamp from_nano(int64_t nano) { return Timestamp(Duration(nano)); }

}  // namespace

Status Outbox::restore(std::string_view id, std::string_view value) {
  v1::OutboxState state;
  if (!state.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
      state.newest().what_case() == v1::Notice::WHAT_NOT_SET || id_of(state.newest()) != id)
    return Error{"corrupt", fmt::format("state of \"{}\" is no OutboxState", id)};
  Entry entry;
  entry.newest = std::make_shared<const v1::Notice>(std::move(*state.mutable_newest()));
  entry.key = key_of(*entry.newest);
  entry.source = {state.partition(), state.offset(), from_nano(state.appended_unix_nano())};
  entry.views.resize(sinks_.size());
  for (const v1::SinkState& stored : state.sinks())
    for (size_t i = 0; i < sinks_.size(); ++i) {
      if (sinks_[i].sink != stored.sink()) continue;
      View& view = entry.views[i];
      view.told = stored.told();
      view.knows_firing = stored.knows_firing();
      view.refused = stored.refused();
      view.is_owed = stored.is_owed();
      view.owed_since = from_nano(stored.owed_since_unix_nano());
      view.reference = stored.reference();
      // Whether it came to be told of what it was offered is not known: then the end is told, too.
      view.knows_firing |= stored.is_offered() && !is_firing(*entry.newest);
    }
  judge_all(entries_.insert_or_assign(std::string(id), std::move(entry)).first);
  return ok_status();
}

void Outbox::take(v1::Notice notice, const NoticeSource& source) {
  if (std::none_of(sinks_.begin(), sinks_.end(), [&](const Interest& sink) { return concerns(sink, notice); })) return;
  const auto at = entries_.try_emplace(id_of(notice)).first;
  Entry& entry = at->second;
  entry.key = key_of(notice);
  entry.newest = std::make_shared<const v1::Notice>(std::move(notice));
  entry.source = source;
  entry.views.resize(sinks_.size());
  judge_all(at);
}

void Outbox::settle(const Settled& settled) {
  const auto at = entries_.find(settled.delivery.subject);
  if (at == entries_.end() || settled.sink >= sinks_.size()) return;
  View& view = at->second.views[settled.sink];
  if (settled.kind != Settled::Kind::finished) view.is_offered = false;
  if (settled.kind == Settled::Kind::told) {
    view.told = settled.delivery.key;
    view.knows_firing = is_firing(*settled.delivery.notice);
    view.reference = settled.reference;
    view.is_owed = false;
    view.is_finished = false;
  } else if (settled.kind == Settled::Kind::refused) {
    view.refused = settled.delivery.key;
    view.is_owed = false;
    view.is_finished = true;
  } else if (settled.kind == Settled::Kind::finished) {
    view.is_finished = true;
  }
  judge_all(at);
}

void Outbox::judge(const Entry& entry, const Interest& sink, View& view) const {
  const v1::Notice& newest = *entry.newest;
  const bool was_owed = view.is_owed;
  bool is_owed = false;
  if (entry.key == view.told || entry.key == view.refused)
    is_owed = false;
  else if (!is_firing(newest))
    is_owed = view.knows_firing || (was_owed && sink.hears_missed && entry.source.appended_at >= since_);
  else if (!is_suppressed(newest))
    is_owed =
        view.knows_firing ? was_owed || sink.transitions.contains(transition_of(newest)) : fit(sink.match, newest);
  if (is_owed && !was_owed) view.owed_since = entry.source.appended_at;
  view.is_owed = is_owed;
}

void Outbox::judge_all(Entries::iterator at) {
  auto& [id, entry] = *at;
  for (size_t i = 0; i < sinks_.size(); ++i) {
    if (!concerns(sinks_[i], *entry.newest)) continue;
    View& view = entry.views[i];
    judge(entry, sinks_[i], view);
    const bool has_to_hear = view.is_owed || repeats(sinks_[i], view);
    if (!has_to_hear && !view.is_offered) {
      steps_.erase({id, i});  // nobody has taken it yet
      continue;
    }
    Step& step = steps_[{id, i}];
    step = {i, id, std::nullopt};
    if (has_to_hear) step.delivery = delivery_of(id, entry, view);
  }
  changed_.insert(id);
  if (is_over(entry)) entries_.erase(at);
}

Delivery Outbox::delivery_of(const std::string& id, const Entry& entry, const View& view) const {
  Delivery out;
  out.subject = id;
  out.key = entry.key;
  out.notice = entry.newest;
  out.source = entry.source;
  out.since = view.owed_since;
  out.is_first = !view.knows_firing;
  out.is_missed = view.is_owed && !view.knows_firing && !is_firing(*entry.newest);
  out.is_repeat = !view.is_owed;
  out.reference = view.reference;
  return out;
}

bool Outbox::is_over(const Entry& entry) const {
  if (is_firing(*entry.newest)) return false;
  for (size_t i = 0; i < sinks_.size(); ++i) {
    const View& view = entry.views[i];
    if (view.is_owed || view.is_offered || repeats(sinks_[i], view)) return false;
  }
  return true;
}

std::string Outbox::saved(const Entry& entry) const {
  v1::OutboxState out;
  *out.mutable_newest() = *entry.newest;
  out.set_partition(entry.source.partition);
  out.set_offset(entry.source.offset);
  out.set_appended_unix_nano(to_nano(entry.source.appended_at));
  for (size_t i = 0; i < sinks_.size(); ++i) {
    const View& view = entry.views[i];
    if (!concerns(sinks_[i], *entry.newest)) continue;
    auto* sink = out.add_sinks();
    sink->set_sink(sinks_[i].sink);
    sink->set_told(view.told);
    sink->set_knows_firing(view.knows_firing);
    sink->set_refused(view.refused);
    sink->set_is_owed(view.is_owed);
    sink->set_owed_since_unix_nano(to_nano(view.owed_since));
    sink->set_reference(view.reference);
    sink->set_is_offered(view.is_offered);
  }
  return out.SerializeAsString();
}

std::vector<Outbox::Step> Outbox::take_steps() {
  std::vector<Step> out;
  for (auto& [at, step] : steps_) {
    if (const auto entry = entries_.find(at.first); entry != entries_.end() && step.delivery)
      entry->second.views[at.second].is_offered |= !step.delivery->is_repeat;
    out.push_back(std::move(step));
  }
  steps_.clear();
  return out;
}

std::vector<std::pair<std::string, std::string>> Outbox::take_changes() {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& id : changed_) {
    const auto found = entries_.find(id);
    out.emplace_back(id, found == entries_.end() ? std::string() : saved(found->second));
  }
  changed_.clear();
  return out;
}

}  // namespace tidewatch
