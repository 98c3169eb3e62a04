// SPDX-License-Identifier: MIT
// See render.hpp. Most targets take the line as it is.
#include "formats/render.hpp"

#include "formats/line.hpp"

namespace shmeter::formats {

std::size_t render(std::string_view templ, const Values& values, const Options& options,
                   std::span<char> out) noexcept {
  if (options.target == Target::waybar) return render_waybar(templ, values, options, out);
  return render_line(templ, values, options, out);
}

}  // namespace shmeter::formats
