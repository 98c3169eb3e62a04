// SPDX-License-Identifier: MIT
#include "collector/store/store.hpp"

#include <optional>

#include "collector/store/load.hpp"
#include "collector/store/look_up_thread.hpp"
#include "collector/store/place.hpp"
#include "collector/store/reader_impl.hpp"
#include "collector/store/schema.hpp"
#include "collector/store/writer_thread.hpp"

namespace shmeter::collector {
namespace {

/// WAL where there is a file. (A database in memory knows nothing else than a journal.)
Result<void> set_journal(Connection& db, const Database& database) {
  if (database.is_memory()) return db.run("PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF");
  SHMETER_TRY(db.run("PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL"));
  return {};
}

Result<std::unique_ptr<Connection>> open_current(const Database& database) {
  auto db = database.open_writer();
  SHMETER_TRY(db);
  SHMETER_TRY((*db)->run("PRAGMA journal_mode"));  // reads the file's first page
  SHMETER_TRY(check_not_newer(**db));
  SHMETER_TRY(set_journal(**db, database));
  SHMETER_TRY(migrate(**db));
  SHMETER_TRY(add_functions(**db));
  return db;
}

Result<void> quick_check(Connection& db) {
  auto rows = db.prepare("PRAGMA quick_check(1)");
  SHMETER_TRY(rows);
  const int code = rows->step();
  SHMETER_TRY(db.check(code, "check it"));
  if (code == SQLITE_ROW && rows->text(0) == "ok") return {};
  return fail(Errc::corrupt, db.name() + ": " + std::string(rows->text(0)));
}

Result<std::string> set_aside(StorePlace& place, const Error& why, const Store::Say& say) {
  auto name = place.set_aside();
  SHMETER_TRY(name);
  say(why.message + ": set aside as " + *name + "; the transcripts that are there are read anew");
  return name;
}

/// Opens the file; a damaged one gives way to an empty one.
Result<std::unique_ptr<Connection>> open_or_replace(const Database& database, StorePlace& place,
                                                    const Store::Say& say) {
  auto db = open_current(database);
  if (db && place.check_asked_for()) {
    if (auto sound = quick_check(**db); !sound && sound.error().code == Errc::corrupt)
      db = tl::unexpected<Error>(sound.error());
    else
      place.checked();
  }
  if (db || db.error().code != Errc::corrupt) return db;
  SHMETER_TRY(set_aside(place, db.error(), say));
  return open_current(database);
}

/// The file's pages into memory. Its first page says "WAL", which a database in memory cannot have:
/// those two bytes (18 and 19 of the file format) are set to "journal".
Result<void> copy(Connection& from, Connection& to) {
  sqlite3_backup* backup = sqlite3_backup_init(to.get(), "main", from.get(), "main");
  if (backup == nullptr) return to.failure(sqlite3_extended_errcode(to.get()), "copy to it");
  sqlite3_backup_step(backup, -1);
  SHMETER_TRY(from.check(sqlite3_backup_finish(backup), "copy it"));
  sqlite3_file* file = nullptr;
  constexpr char kJournal[2] = {1, 1};
  constexpr sqlite3_int64 kFormatBytes = 18;
  int code = sqlite3_file_control(to.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (code == SQLITE_OK && file != nullptr && file->pMethods != nullptr)
    code = file->pMethods->xWrite(file, kJournal, sizeof kJournal, kFormatBytes);
  return to.check(code, "copy to it");
}

std::string read_price_list(Connection& db) {
  auto row = db.prepare("SELECT value FROM meta WHERE key='price_list'");
  if (!row || row->step() != SQLITE_ROW) return {};
  return std::string(row->text(0));
}

}  // namespace

/// Declared so that the threads end before what they use.
class Store::Impl {
 public:
  Impl(Loop& loop, Database database, std::optional<StorePlace> place,
       std::unique_ptr<Connection> db, Say say)
      : loop_(loop),
        database_(std::move(database)),
        place_(std::move(place)),
        say_(std::move(say)) {
    start(std::move(db));
  }

  void start(std::unique_ptr<Connection> db) {
    price_list_ = read_price_list(*db);
    const auto damaged = [this] {
      if (place_) place_->ask_for_check();
    };
    writer_.emplace(loop_, std::move(db), say_, damaged);
    look_up_.emplace(loop_, database_, writer_->new_keys(), damaged);
  }

  /// After load() met damage.
  Result<void> start_anew(const Error& why) {
    look_up_.reset();
    writer_.reset();
    SHMETER_TRY(set_aside(*place_, why, say_));
    auto db = open_current(database_);
    SHMETER_TRY(db);
    start(std::move(*db));
    return {};
  }

  Loop& loop_;
  Database database_;
  std::optional<StorePlace> place_;
  Say say_;
  std::string price_list_;
  bool written_ = false;
  std::optional<WriterThread> writer_;
  std::optional<LookUpThread> look_up_;
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(Loop& loop, const std::string& path, Say say) {
  const bool in_memory = path == ":memory:";
  const Database database = in_memory ? Database::in_memory() : Database::at(path);
  std::optional<StorePlace> place;
  if (!in_memory) {
    auto taken = StorePlace::take(path);
    SHMETER_TRY(taken);
    place = std::move(*taken);
  }
  auto db = in_memory ? open_current(database) : open_or_replace(database, *place, say);
  SHMETER_TRY(db);
  return std::unique_ptr<Store>(new Store(
      std::make_unique<Impl>(loop, database, std::move(place), std::move(*db), std::move(say))));
}

Result<std::unique_ptr<Store>> Store::open_copy(Loop& loop, const std::string& path, Say say) {
  const Database database = Database::in_memory();
  auto source = path.empty() ? fail(Errc::not_found, "") : Database::at(path).open_reader();
  if (!source && source.error().code == Errc::corrupt)
    say(source.error().message + ": only transcripts are read");
  else if (!source && source.error().code != Errc::not_found)
    return tl::unexpected<Error>(source.error());
  std::unique_ptr<Connection> keeps_it_alive;
  if (source) {
    auto first = database.open_writer();
    SHMETER_TRY(first);
    SHMETER_TRY(check_not_newer(**source));
    SHMETER_TRY(copy(**source, **first));
    keeps_it_alive = std::move(*first);
  }
  auto db = open_current(database);  // its own view of what was changed below the first one
  SHMETER_TRY(db);
  return std::unique_ptr<Store>(new Store(
      std::make_unique<Impl>(loop, database, std::nullopt, std::move(*db), std::move(say))));
}

Result<std::unique_ptr<StoreReader>> Store::reader() {
  return StoreReader::Impl::make(impl_->database_);
}

bool Store::empty() const { return impl_->writer_->empty(); }

Result<StoredState> Store::load(const Reach& reach) {
  const auto read = [&](Connection& db) { return load_state(db, impl_->database_, reach); };
  auto state = impl_->writer_->with_connection(read);
  if (state || state.error().code != Errc::corrupt || impl_->written_ || !impl_->place_)
    return state;
  SHMETER_TRY(impl_->start_anew(state.error()));
  return impl_->writer_->with_connection(read);
}

void Store::write(StoreBatch batch, Done done) {
  impl_->written_ = true;
  impl_->writer_->write(std::move(batch), std::move(done));
}

StoreBatch Store::empty_batch() { return impl_->writer_->empty_batch(); }

void Store::begin_bulk() {
  impl_->written_ = true;
  impl_->writer_->begin_bulk();
}

void Store::end_bulk(Done done) { impl_->writer_->end_bulk(std::move(done)); }
void Store::retry() { impl_->writer_->retry(); }
std::size_t Store::waiting_bytes() const { return impl_->writer_->waiting_bytes(); }

void Store::look_up(std::vector<std::uint64_t> messages, std::function<void(Result<Found>)> done) {
  impl_->look_up_->ask(std::move(messages), std::move(done));
}

std::string Store::price_list() const { return impl_->price_list_; }

void Store::reprice(std::string price_list, CostOf cost, Done done) {
  impl_->written_ = true;
  const auto remember = [impl = impl_.get(), price_list,
                         done = std::move(done)](const Result<void>& result) {
    if (result) impl->price_list_ = price_list;
    if (done) done(result);
  };
  impl_->writer_->reprice(std::move(price_list), std::move(cost), remember);
}

void Store::set_retention(i64 older_than_ms) { impl_->writer_->set_retention(older_than_ms); }

}  // namespace shmeter::collector
