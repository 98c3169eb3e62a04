// SPDX-License-Identifier: MIT
// The tokens of one session under each of its models, as we counted them and as its client says:
// what tells whether the client saw requests that we did not. Invariant: sorted, one entry per
// model, none that says nothing; models are known by a hash of their normalised id, so no text of
// a stranger's choosing is kept.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/source/observation.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

struct ModelTally {
  u64 model = 0;  // hash_text of the normalised id
  i64 counted = 0;
  i64 client = kUnknown;  // in the client's greatest aggregate; unknown = not in it
  bool operator==(const ModelTally&) const = default;
};

/// More models in one aggregate than any session has: what is beyond is not compared.
inline constexpr std::size_t kMostClientModels = 64;

/// An aggregate's models as they are compared: by hash, sorted, without those of no tokens.
struct ClientModels {
  struct Entry {
    u64 model = 0;
    i64 tokens = 0;
    auto operator<=>(const Entry&) const = default;
  };
  std::vector<Entry> entries;
  i64 total = kUnknown;  // of all; unknown = the aggregate names no model
};
ClientModels client_models(std::span<const ModelTokens> said);

class ModelTallies {
 public:
  /// Tokens booked, or taken back (negative).
  void count(u64 model, i64 tokens);
  void clear_counted();
  void set_client(const ClientModels& models);
  std::vector<ClientModels::Entry> client() const;

  /// The client has more tokens of some model than we counted.
  bool client_exceeds() const;

  /// For the store, and back; of a text that is none of these, what can be read.
  std::string text() const;
  static ModelTallies from(std::string_view text);

  bool operator==(const ModelTallies&) const = default;

 private:
  ModelTally& at(u64 model);
  void drop_silent();

  std::vector<ModelTally> tallies_;
};

}  // namespace shmeter::collector
