// SPDX-License-Identifier: MIT
#include "collector/model/session_models.hpp"

#include <algorithm>
#include <charconv>

#include "collector/ledger/model_id.hpp"

namespace shmeter::collector {
namespace {

/// No session has used more of anything; beyond it, numbers are hostile and sums would overflow.
constexpr i64 kMostTokens = i64{1} << 53;

/// One number and the character behind it; false when it is not there.
template <class Number>
bool read(std::string_view& text, Number& out, char end, int base = 10) {
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc{} || at == text.data() + text.size() || *at != end) return false;
  text.remove_prefix(static_cast<std::size_t>(at - text.data()) + 1);
  return true;
}

}  // namespace

ClientModels client_models(std::span<const ModelTokens> said) {
  ClientModels out;
  for (const ModelTokens& model : said.first(std::min(said.size(), kMostClientModels))) {
    if (model.tokens < 0 || model.tokens > kMostTokens) continue;
    out.total = (shm::known(out.total) ? out.total : 0) + model.tokens;
    if (model.tokens > 0)
      out.entries.push_back({shm::hash_text(normalise_model(model.model)), model.tokens});
  }
  std::sort(out.entries.begin(), out.entries.end());
  std::vector<ClientModels::Entry> merged;  // `claude-x` and `claude-x[1m]` are one model
  for (const ClientModels::Entry& entry : out.entries) {
    if (!merged.empty() && merged.back().model == entry.model)
      merged.back().tokens += entry.tokens;
    else
      merged.push_back(entry);
  }
  out.entries = std::move(merged);
  return out;
}

ModelTally& ModelTallies::at(u64 model) {
  const auto at = std::lower_bound(tallies_.begin(), tallies_.end(), model,
                                   [](const ModelTally& tally, u64 m) { return tally.model < m; });
  if (at != tallies_.end() && at->model == model) return *at;
  return *tallies_.insert(at, {.model = model});
}

void ModelTallies::drop_silent() {
  std::erase_if(tallies_, [](const ModelTally& tally) {
    return tally.counted == 0 && !shm::known(tally.client);
  });
}

void ModelTallies::count(u64 model, i64 tokens) {
  ModelTally& tally = at(model);
  tally.counted = static_cast<i64>(static_cast<u64>(tally.counted) + static_cast<u64>(tokens));
  if (tally.counted == 0) drop_silent();
}

void ModelTallies::clear_counted() {
  for (ModelTally& tally : tallies_) tally.counted = 0;
  drop_silent();
}

void ModelTallies::set_client(const ClientModels& models) {
  for (ModelTally& tally : tallies_) tally.client = kUnknown;
  for (const ClientModels::Entry& entry : models.entries) at(entry.model).client = entry.tokens;
  drop_silent();
}

std::vector<ClientModels::Entry> ModelTallies::client() const {
  std::vector<ClientModels::Entry> out;
  for (const ModelTally& tally : tallies_) {
    if (shm::known(tally.client)) out.push_back({tally.model, tally.client});
  }
  return out;
}

bool ModelTallies::client_exceeds() const {
  return std::any_of(tallies_.begin(), tallies_.end(), [](const ModelTally& tally) {
    return shm::known(tally.client) && tally.client > tally.counted;
  });
}

/// `hash counted client;` for each, the client's number `-` where there is none.
std::string ModelTallies::text() const {
  std::string out;
  for (const ModelTally& tally : tallies_) {
    char digits[17];
    const auto end = std::to_chars(digits, digits + sizeof digits, tally.model, 16).ptr;
    out.append(digits, end).append(" ").append(std::to_string(tally.counted)).append(" ");
    out.append(shm::known(tally.client) ? std::to_string(tally.client) : "-").append(";");
  }
  return out;
}

ModelTallies ModelTallies::from(std::string_view text) {
  ModelTallies out;
  ModelTally tally;
  while (read(text, tally.model, ' ', 16) && read(text, tally.counted, ' ')) {
    tally.client = kUnknown;
    if (text.starts_with("-;"))
      text.remove_prefix(2);
    else if (!read(text, tally.client, ';'))
      break;
    out.at(tally.model) = tally;
  }
  out.drop_silent();
  return out;
}

}  // namespace shmeter::collector
