// SPDX-License-Identifier: MIT
#include "collector/setup/shell_setup.hpp"

#include "collector/setup/marked_block.hpp"

namespace shmeter::collector {
namespace {

bool is_by_hand(std::string_view line) {
  const std::string_view text = bare_line(line);
  if (text.empty() || text[0] == '#') return false;
  return text.find("SHMETER_LINE") != text.npos || text.find("shmeter plain") != text.npos;
}

}  // namespace

// What is in the line is text: with prompt_subst it must be reached through the variable, or a
// project called $(date) would be run; without it the variable would be shown by its name.
const std::string_view kZshLines = R"(if [[ -o interactive ]]; then
  shmeter_precmd() {
    local shown=
    [[ -o prompt_subst ]] && shown='${SHMETER_LINE:+$SHMETER_LINE }'
    emulate -L zsh
    local file=${SHMETER_RUNTIME_DIR:-${XDG_RUNTIME_DIR:-/run/user/$UID}/shmeter}/line/zsh
    typeset -g SHMETER_LINE= SHMETER_SHOWN
    {
      if [[ -f $file ]]; then
        SHMETER_LINE=$(<$file)
      elif [[ -d ${file:h} ]]; then
        : >> $file # asks the collector for it
      fi
    } 2> /dev/null
    RPROMPT=${RPROMPT#"$SHMETER_SHOWN"}
    SHMETER_SHOWN=${shown:-${SHMETER_LINE:+$SHMETER_LINE }}
    RPROMPT=$SHMETER_SHOWN$RPROMPT
  }
  autoload -Uz add-zsh-hook
  add-zsh-hook precmd shmeter_precmd
fi
)";

// Element 0 of an array is what its name alone stands for, so a list of one is a text as well.
const std::string_view kBashLines = R"(if [[ $- == *i* ]]; then
  shmeter_prompt() {
    local status=$? file=${SHMETER_RUNTIME_DIR:-${XDG_RUNTIME_DIR:-/run/user/$UID}/shmeter}/line/bash
    SHMETER_LINE=
    {
      if [[ -f $file ]]; then
        IFS= read -r SHMETER_LINE < "$file" || :
      elif [[ -d ${file%/*} ]]; then
        : >> "$file" || : # asks the collector for it
      fi
    } 2> /dev/null
    [[ ${PS1-} == *SHMETER_LINE* ]] || PS1='${SHMETER_LINE:+$SHMETER_LINE\n}'${PS1-}
    return "$status"
  }
  if [[ "${PROMPT_COMMAND[*]-}" != *shmeter_prompt* ]]; then
    if [[ -n ${PROMPT_COMMAND[1]+several} ]]; then
      PROMPT_COMMAND+=(shmeter_prompt)
    else
      PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}shmeter_prompt
    fi
  fi
fi
)";

// At the first prompt: config.fish, which is read later, may define the right prompt.
const std::string_view kFishLines = R"(if status is-interactive
    if set -q SHMETER_RUNTIME_DIR[1]
        set -g shmeter_lines $SHMETER_RUNTIME_DIR/line
    else if set -q XDG_RUNTIME_DIR[1]
        set -g shmeter_lines $XDG_RUNTIME_DIR/shmeter/line
    else
        set -g shmeter_lines /run/user/(id -u)/shmeter/line
    end
    function shmeter_begin --on-event fish_prompt
        functions --erase shmeter_begin
        function shmeter_other_right_prompt
        end
        if functions --query fish_right_prompt
            functions --erase shmeter_other_right_prompt
            functions --copy fish_right_prompt shmeter_other_right_prompt
        end
        function fish_right_prompt
            set -l other (shmeter_other_right_prompt) # first: it may look at $status
            set -l line
            if test -f $shmeter_lines/fish; and test -r $shmeter_lines/fish
                read line <$shmeter_lines/fish
            else if test -d $shmeter_lines; and test -w $shmeter_lines
                echo -n >>$shmeter_lines/fish # asks the collector for it
            end
            string join -n ' ' -- "$line" "$other"
        end
    end
end
)";

Result<Edited> shell_with(std::string_view text, std::string_view lines) {
  if (auto free = refuse_by_hand(text, is_by_hand); !free) return tl::unexpected(free.error());
  auto after = with_block(text, lines);
  if (!after) return tl::unexpected(after.error());
  return Edited{std::move(*after), {}};
}

}  // namespace shmeter::collector
