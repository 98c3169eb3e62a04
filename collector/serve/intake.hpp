// SPDX-License-Identifier: MIT
// What the servers may ask of the daemon beside reading its model. One implementation, in the
// daemon; tests have their own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "collector/model/model.hpp"
#include "collector/result.hpp"
#include "collector/serve/collector_figures.hpp"
#include "collector/source/observation_batch.hpp"

namespace shmeter::collector {

class Intake {
 public:
  using Done = std::function<void(Result<void>)>;

  virtual ~Intake() = default;

  /// The model with everything taken in so far.
  virtual Model& model() = 0;
  virtual i64 now_ms() = 0;
  /// The picture at this moment; valid until anything else is asked. Who publishes by
  /// Model::dirty() overrides this: a picture handed out here must still be published.
  virtual const shm::Picture& picture() { return model().picture(now_ms()); }
  /// Another one whenever the picture is another one, also after a restart.
  virtual std::uint64_t picture_number() = 0;

  /// How the collector itself is doing.
  virtual CollectorFigures figures() { return {}; }

  /// The configured alerts and how they stand, as one line of JSON.
  virtual std::string alerts_line() { return R"({"schema":1,"alerts":[]})"; }

  /// Number of the account with this name, id or config directory; Model::kNoAccount for an empty
  /// text and for one that nobody knows.
  virtual u32 find_account(std::string_view name) = 0;
  /// The account of a session or a path, where the observation itself does not say.
  virtual u32 account_of(std::string_view transcript_path, std::string_view config_dir) = 0;

  /// Runs `work`, which touches nothing of the loop, where it makes nobody wait, then `follow` on
  /// the loop; one after another, in the order in which they were asked for. `bytes` is what `work`
  /// goes through: where that is little, both run at once. False: too much waits already, and
  /// nothing will be run.
  virtual bool aside(std::size_t bytes, const std::function<void()>& work,
                     const std::function<void()>& follow) {
    static_cast<void>(bytes);
    work();
    follow();
    return true;
  }

  /// Takes everything in, a part in each turn of the loop where it is much, and before what comes
  /// later; `done` is called on the loop when it is durable, or could not be made so.
  virtual void take(ObservationBatch batch, u32 account, Done done) = 0;
  /// Calls `done` when all that was seen so far is stored.
  virtual void flush(Done done) = 0;
  /// Errors: "file:line:column: what"; then the configuration stays as it was.
  virtual Result<void> reload() = 0;
  /// A link to the dashboard that opens once, within PageSessions::kLinkLasts_ms; listens for who
  /// follows it, if nobody did yet. Errors: unavailable.
  virtual Result<std::string> dashboard_link() = 0;
};

/// What is said to who comes while too much waits.
inline constexpr std::string_view kTooMuchAtOnce = "too much waits to be taken in; try again";

/// `parse(const std::string&)` of a body, beside the loop, and what it says to `follow`, on the
/// loop. False, as Intake::aside.
template <class Parse, class Follow>
bool parse_aside(Intake& intake, std::string body, Parse parse, Follow follow) {
  struct Job {
    std::string body;
    Parse parse;
    Follow follow;
    std::optional<std::invoke_result_t<Parse&, const std::string&>> parsed;
  };
  const std::size_t bytes = body.size();
  const auto job = std::make_shared<Job>(
      Job{std::move(body), std::move(parse), std::move(follow), std::nullopt});
  return intake.aside(
      bytes,
      [job] {
        job->parsed.emplace(job->parse(job->body));
        std::string().swap(job->body);
      },
      [job] { job->follow(std::move(*job->parsed)); });
}

}  // namespace shmeter::collector
