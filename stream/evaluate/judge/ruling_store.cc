#include <fmt/format.h>
#include <sqlite3.h>

#include "stream/evaluate/judge/ruling_cache.h"

namespace tidewatch {
namespace {

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

/// Ready to be used again when it goes.
struct Use {
  explicit Use(const Statement& prepared) : statement(prepared.get()) {}
  ~Use() {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  sqlite3_stmt* statement;
};

constexpr const char* kTables =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=1000;"
    "CREATE TABLE IF NOT EXISTS rulings(key BLOB PRIMARY KEY, level INTEGER NOT NULL, reason TEXT NOT NULL) WITHOUT "
    "ROWID;"
    "CREATE TABLE IF NOT EXISTS spent(day INTEGER PRIMARY KEY, usd REAL NOT NULL);";

}  // namespace

struct RulingStore::Impl {
  sqlite3* database = nullptr;
  Statement find;
  Statement put;
  Statement spent;
  Statement add;
  ~Impl() {
    for (Statement* statement : {&find, &put, &spent, &add}) statement->reset();
    sqlite3_close(database);
  }
  Statement prepare(const char* sql) const {
    sqlite3_stmt* out = nullptr;
    sqlite3_prepare_v2(database, sql, -1, &out, nullptr);
    return Statement(out);
  }
};

RulingStore::RulingStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RulingStore::~RulingStore() = default;

Result<std::unique_ptr<RulingStore>> RulingStore::open(const std::string& path) {
  auto impl = std::make_unique<Impl>();
  const bool is_open = sqlite3_open(path.c_str(), &impl->database) == SQLITE_OK &&
                       sqlite3_exec(impl->database, kTables, nullptr, nullptr, nullptr) == SQLITE_OK;
  if (is_open) {
    impl->find = impl->prepare("SELECT level, reason FROM rulings WHERE key = ?1");
    impl->put = impl->prepare("INSERT OR REPLACE INTO rulings VALUES(?1, ?2, ?3)");
    impl->spent = impl->prepare("SELECT usd FROM spent WHERE day = ?1");
    impl->add =
        impl->prepare("INSERT INTO spent VALUES(?1, ?2) ON CONFLICT(day) DO UPDATE SET usd = usd + excluded.usd");
  }
  if (!is_open || !impl->find || !impl->put || !impl->spent || !impl->add)
    return Error{"open_failed",
                 fmt::format("{}: cannot be used to keep judgements: {}", path, sqlite3_errmsg(impl->database))};
  return std::unique_ptr<RulingStore>(new RulingStore(std::move(impl)));
}

std::optional<Ruling> RulingStore::find(const std::string& key) const {
  const Use use(impl_->find);
  sqlite3_bind_blob(use.statement, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
  if (sqlite3_step(use.statement) != SQLITE_ROW) return std::nullopt;
  const auto* reason = reinterpret_cast<const char*>(sqlite3_column_text(use.statement, 1));
  return Ruling{sqlite3_column_int(use.statement, 0), reason == nullptr ? "" : reason};
}

void RulingStore::put(const std::string& key, const Ruling& ruling) {
  const Use use(impl_->put);
  sqlite3_bind_blob(use.statement, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
  sqlite3_bind_int(use.statement, 2, ruling.level);
  sqlite3_bind_text(use.statement, 3, ruling.reason.data(), static_cast<int>(ruling.reason.size()), SQLITE_STATIC);
  sqlite3_step(use.statement);
}

double RulingStore::spent_on(int64_t day) const {
  const Use use(impl_->spent);
  sqlite3_bind_int64(use.statement, 1, day);
  return sqlite3_step(use.statement) == SQLITE_ROW ? sqlite3_column_double(use.statement, 0) : 0;
}

void RulingStore::add_spent(int64_t day, double usd) {
  const Use use(impl_->add);
  sqlite3_bind_int64(use.statement, 1, day);
  sqlite3_bind_double(use.statement, 2, usd);
  sqlite3_step(use.statement);
}

}  // namespace tidewatch
