// SPDX-License-Identifier: MIT
// The picture as the line of `shmeter json`, in whole and in part.
#pragma once

#include <span>
#include <string>

#include "collector/append_to.hpp"
#include "formats/json.hpp"
#include "shm/picture.hpp"

namespace shmeter::collector {

/// What write_json writes, without its newline.
std::string picture_line(const formats::JsonPicture& picture);
/// The same object as far as `accounts` and no further.
std::string accounts_line(formats::JsonPicture picture);

/// A running collector's own picture, without its sessions and models.
formats::JsonPicture own_picture(const shm::Picture& picture, shm::i64 now_s);

}  // namespace shmeter::collector
