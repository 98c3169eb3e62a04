// SPDX-License-Identifier: MIT
// Pictures that are always there, so that every state of a line can be looked at without waiting
// for it. Times are relative to the moment they are made for.
#pragma once

#include <string_view>
#include <vector>

#include "formats/values.hpp"

namespace shmeter::collector {

using shm::i64;

struct PreviewSample {
  std::string_view title;
  shm::Summary summary;
  shm::Account account;
  shm::Session session;
  formats::Freshness freshness = formats::Freshness::live;
  i64 age_s = 0;

  formats::Values values(i64 now_s) const {
    return {.summary = &summary,
            .account = &account,
            .session = &session,
            .now_s = now_s,
            .freshness = freshness,
            .age_s = age_s};
  }
};

std::vector<PreviewSample> preview_samples(i64 now_s);

}  // namespace shmeter::collector
