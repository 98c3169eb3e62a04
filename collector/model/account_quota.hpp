// SPDX-License-Identifier: MIT
// The limits of one account, as status lines, limit lines, the client's own cache and feeds report
// them. A status line speaks for the newest response of its session; everything else is an answer
// of the service itself, dated by when it was given. Invariant: what is published was said by the
// service about the login that is there now, or is unknown.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/model/judgement.hpp"
#include "collector/model/quota_keeper.hpp"
#include "collector/source/observation.hpp"
#include "collector/store/rows.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

class AccountQuota {
 public:
  /// Scoped windows that the picture has room for; of more, those with the largest share.
  static constexpr std::size_t kScoped = 4;

  /// `response_ms` = the newest response of the reporting session, kUnknown if it had none.
  void see(const StatusLineSeen& seen, i64 response_ms, i64 now_ms);
  void see(const QuotaSeen& seen, i64 now_ms);
  void see(const LimitHitSeen& seen, i64 now_ms);
  /// True when the login is another one than before.
  bool see(const LoginSeen& seen, i64 now_ms);

  /// Lets time pass: true when that changed a window.
  bool settle(i64 now_ms);
  /// When the published limits change by themselves, kUnknown = never.
  i64 deadline_ms(i64 now_ms) const;
  /// Windows, projections, extra usage and spend limit.
  void publish(shm::Account& out, i64 now_ms);

  /// uuid; empty = not known, or nobody.
  const std::string& login() const { return login_; }

  /// Calls take(QuotaRow) for what differs from what was given out last.
  template <class Take>
  void take_changes(shm::u32 account, Take&& take) {
    for (QuotaRow& row : changes(account)) take(std::move(row));
  }
  void restore(const QuotaRow& row);
  void restore_login(std::string login) { login_ = std::move(login); }

 private:
  struct Scoped {
    std::string label;
    QuotaKeeper window;
  };
  bool of_former_login(i64 response_ms) const;
  void see_scoped(const QuotaSeen& seen, i64 observed_ms, i64 now_ms);
  QuotaKeeper* scoped(std::string_view label, i64 used_ppm, i64 now_ms);
  void drop();
  std::vector<QuotaRow> rows(shm::u32 account) const;
  std::vector<QuotaRow> changes(shm::u32 account);

  QuotaKeeper five_hour_;
  QuotaKeeper seven_day_;
  WindowSlope five_hour_slope_;
  WindowSlope seven_day_slope_;
  std::vector<Scoped> scoped_;  // by label
  i64 scoped_list_ms_ = kUnknown;
  shm::ExtraUsage extra_usage_;
  i64 extra_usage_ms_ = kUnknown;
  shm::SpendLimit spend_limit_;
  i64 spend_limit_ms_ = kUnknown;
  std::string login_;
  i64 login_since_ms_ = kUnknown;  // another login came then
  std::vector<QuotaRow> stored_;   // as given out last
};

}  // namespace shmeter::collector
