// SPDX-License-Identifier: MIT
// The generator itself: what it promises, and its prices against figures the service charged.
#include "tests/bench/corpus.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "collector/bench/process.hpp"
#include "tests/bench/corpus_price.hpp"

namespace shmeter::bench {
namespace {

std::map<std::string, std::string> content(const std::string& root) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (!entry.is_regular_file()) continue;
    files[entry.path().lexically_relative(root)] = content_of(entry.path());
  }
  return files;
}

TEST(Corpus, IsTheSameForTheSameSeed) {
  const TemporaryFolder folder(memory_folder());
  CorpusOptions options{.sessions = 10, .requests = 300, .end_s = 1'795'176'000};
  const Truth one = write_corpus(folder / "one", options);
  const Truth same = write_corpus(folder / "same", options);
  options.seed = 2;
  const Truth other = write_corpus(folder / "other", options);
  EXPECT_EQ(one.all, same.all);
  EXPECT_EQ(content(folder / "one"), content(folder / "same"));
  EXPECT_NE(one.all, other.all);
}

TEST(Corpus, TruthAddsUpWhicheverWayItIsSplit) {
  const TemporaryFolder folder(memory_folder());
  const Truth truth =
      write_corpus(folder.path(), {.sessions = 20, .requests = 900, .end_s = 1'795'176'000});
  const auto total = [](const auto& parts) {
    Sum sum;
    for (const auto& [name, part] : parts) sum += part;
    return sum;
  };
  EXPECT_EQ(total(truth.models), truth.all);
  EXPECT_EQ(total(truth.sessions), truth.all);
  EXPECT_EQ(total(truth.days), truth.all);
  EXPECT_GT(truth.lines, truth.all.requests);
}

TEST(CorpusPrice, Table) {
  const auto request = [](std::string_view model, i64 at_s, i64 input, i64 output, i64 write_5m,
                          i64 read) {
    Request r;
    r.model = r.name = model;
    r.at_ms = at_s * 1000;
    r.input = input;
    r.output = output;
    r.write_5m = write_5m;
    r.read = read;
    return r;
  };
  // The first row is what a client was charged; the others are worked by hand from the list.
  EXPECT_EQ(cost_nanousd(request("claude-sonnet-5-5", 1'795'295'245, 12, 57, 15'000, 8000)),
            38'894'000);
  EXPECT_EQ(cost_nanousd(request("claude-sonnet-5-5", 1'790'553'600, 0, 0, 0, 1'000'000)),
            200'000'000);
  EXPECT_EQ(cost_nanousd(request("claude-haiku-5-5", 1'795'295'245, 0, 0, 0, 100'000)), 1'000'000);
  EXPECT_EQ(cost_nanousd(request("claude-haiku-5-5", 1'795'295'245, 0, 0, 0, 100'001)), 5'000'050);
  EXPECT_EQ(cost_nanousd(request("nobody's", 1'795'295'245, 1, 1, 1, 1)), -1);
}

}  // namespace
}  // namespace shmeter::bench
