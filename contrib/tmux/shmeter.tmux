#!/bin/sh
# SPDX-License-Identifier: MIT
# For tmux.conf, behind the lines that set the options and any theme:  run-shell /path/to/shmeter.tmux
#   @shmeter_side      right (default) or left
#   @shmeter_format    a template (default: shmeter's own); see formats/README.md
#   @shmeter_length    columns that the side has at least (default 120)
#   @shmeter_command   path of shmeter (default: the one on the server's PATH)
# Run again, it changes what it put there and nothing else.
set -eu

option() { tmux show-option -gqv "$1"; }

# A word for the shell inside #( ), where tmux reads % and # itself.
quoted() { printf '%s' "$1" | sed -e "s/'/'\"'\"'/g" -e "s/^/'/" -e "s/\$/'/" -e 's/[%#]/&&/g'; }

# Whether tmux finds the end of #( ) around it.
balanced() { printf '%s' "$1" | awk '{ for (i = 1; i <= length($0); ++i) { c = substr($0, i, 1); n += (c == "(") - (c == ")"); if (n < 0) exit 1 } } END { exit n != 0 }'; }

side=$(option @shmeter_side)
case ${side:=right} in
  left | right) ;;
  *) tmux display-message "shmeter: @shmeter_side is left or right, not $side" && exit 0 ;;
esac
format=$(option @shmeter_format)
length=$(option @shmeter_length)
case ${length:=120} in
  *[!0-9]*) tmux display-message "shmeter: @shmeter_length is a number of columns, not $length" && exit 0 ;;
esac
command=$(option @shmeter_command)
: "${command:=shmeter}"
if ! balanced "$command$format"; then
  tmux display-message "shmeter: tmux runs no command whose parentheses do not match"
  exit 0
fi

job="exec $(quoted "$command") tmux --watch"
[ -z "$format" ] || job="$job --format $(quoted "$format")"
line="#($job) "

# What an earlier run put on either side goes first.
before=$(option @shmeter_shown)
for each in left right; do
  text=$(option "status-$each")
  rest=${text#"$before"}
  [ -z "$before" ] || [ "$rest" = "$text" ] || tmux set-option -g "status-$each" "$rest"
done
text=$(option "status-$side")
case $text in
  *shmeter*' tmux'*) exit 0 ;; # by hand, or by `shmeter setup tmux`
esac
tmux set-option -g "status-$side" "$line$text"
tmux set-option -g @shmeter_shown "$line"
[ "$(option "status-$side-length")" -ge "$length" ] || tmux set-option -g "status-$side-length" "$length"
