// SPDX-License-Identifier: MIT
// The collector at work: sources on one side, the pipeline in the middle, region and control socket
// on the other, all on one loop. Invariant: what went wrong is said once on stderr with path and
// cause, counted in the picture, and stops nothing else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/command/alert_watch.hpp"
#include "collector/command/config_watch.hpp"
#include "collector/command/environment.hpp"
#include "collector/command/flags.hpp"
#include "collector/command/intake_queue.hpp"
#include "collector/command/pipeline.hpp"
#include "collector/command/quota_feed.hpp"
#include "collector/command/store_queries.hpp"
#include "collector/loop/handles.hpp"
#include "collector/loop/loop.hpp"
#include "collector/loop/worker.hpp"
#include "collector/publish/line_files.hpp"
#include "collector/publish/region_publisher.hpp"
#include "collector/serve/commands.hpp"
#include "collector/serve/control_server.hpp"
#include "collector/serve/http_server.hpp"
#include "collector/serve/intake.hpp"
#include "collector/source/ingest_socket.hpp"
#include "collector/source/session_files.hpp"
#include "collector/source/utilization_file.hpp"
#include "shm/writer_lock.hpp"

namespace shmeter::collector {

class Daemon final : public Intake {
 public:
  Daemon(Flags flags, Environment environment, Config config, shm::WriterLock lock);
  ~Daemon() override;

  /// Runs until it is told to end. Returns the process's exit code.
  int run();

 private:
  // ---- Intake ----
  Model& model() override { return pipeline_->model(); }
  i64 now_ms() override;
  const shm::Picture& picture() override { return publisher_->picture(); }
  std::uint64_t picture_number() override { return publisher_->number(); }
  CollectorFigures figures() override;
  std::string alerts_line() override;
  u32 find_account(std::string_view name) override;
  u32 account_of(std::string_view transcript_path, std::string_view config_dir) override;
  bool aside(std::size_t bytes, const std::function<void()>& work,
             const std::function<void()>& follow) override;
  void take(ObservationBatch batch, u32 account, Done done) override;
  void flush(Done done) override;
  Result<void> reload() override;
  Result<std::string> dashboard_link() override;

  std::unique_ptr<Store> open_store();
  void pipeline_is_ready();
  void say_what_is_read() const;
  Result<void> open_ingest();
  Result<void> open_control();
  Result<void> open_http();
  void listen_http();
  bool take_tokens();
  Result<void> listen_for_dashboard();
  std::string dashboard_address() const;
  void open_feeds();
  void open_alerts();
  void watch_config();
  void keep_lines();
  Result<void> take_quota(const AccountConfig& account, const std::string& output);
  void look_after_sockets();
  void part_from_ended_pages();
  void apply(const Observation& seen, u32 account);
  void hook_fired(const HookSeen& seen, const std::string& config_dir);
  void ring(const HookSeen& seen);
  void beat();
  void turn_ends();
  void end(int exit_code);

  Flags flags_;
  Environment environment_;
  Config config_;
  shm::WriterLock lock_;
  Loop loop_;  // before everything that lives on it
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<RegionPublisher> publisher_;
  std::unique_ptr<IngestSocket> ingest_;
  std::unique_ptr<Commands> commands_;
  std::unique_ptr<ControlServer> control_;
  HttpGate gate_{{}};
  std::unique_ptr<StoreQueries> queries_;
  std::unique_ptr<HttpRoutes> routes_;
  std::unique_ptr<HttpServer> http_;
  std::string http_listens_;            // at this address of the configuration; empty = nowhere
  bool listens_for_dashboard_ = false;  // the configuration does not say so, a verb did
  std::unique_ptr<SessionFiles> session_files_;
  std::unique_ptr<UtilizationFiles> utilization_files_;
  std::unique_ptr<QuotaFeed> quota_feed_;
  std::unique_ptr<LineFiles> line_files_;
  std::unique_ptr<ConfigWatch> config_watch_;
  std::unique_ptr<AlertWatch> alerts_;  // null until an alert is configured
  std::optional<EachTurn> each_turn_;
  std::vector<std::unique_ptr<SignalHandler>> signals_;
  IntakeQueue intake_;
  std::size_t aside_bytes_ = 0;  // of bodies that wait for the worker
  Worker worker_;                // reads bodies; dies before who asked it to
  bool ingest_lost_ = false;
  bool control_lost_ = false;
  bool http_lost_ = false;
  i64 dropped_before_ = 0;  // datagrams, by sockets that were lost
  std::uint64_t turns_ = 0;
  int exit_code_ = 0;
};

/// `daemon run`: takes the first usable runtime directory and stays there.
int run_daemon(const Flags& flags, const Environment& environment);

/// One line for people on stderr.
void say(const std::string& message);

}  // namespace shmeter::collector
