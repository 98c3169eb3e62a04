#!/bin/sh
# SPDX-License-Identifier: MIT
# libshmeter exports what its header declares and nothing else, needs nothing but libc, and is named after the layout's
# major. Usage: c_library.sh NM READELF LIBRARY HEADER
set -eu
nm=$1 readelf=$2 library=$3 header=$4
status=0
expect() { # expect WHAT WANT GOT
  [ "$2" = "$3" ] && return
  printf '%s: not\n%s\nbut\n%s\n' "$1" "$2" "$3"
  status=1
}

declared=$(sed -n 's/^SHMETER_API .*[ *]\(shmeter_[a-z_]*\)(.*/\1/p' "$header" | sort)
[ "$(printf '%s\n' "$declared" | wc -l)" -ge 11 ] || { echo "no declarations in $header" && exit 1; }
expect exports "$declared" "$("$nm" -D --defined-only --format=posix "$library" | cut -d' ' -f1 | sort)"

major=$(sed -n 's/^ *SHMETER_LAYOUT_MAJOR = \([0-9]*\),/\1/p' "$header")
dynamic=$("$readelf" -d "$library")
expect name "libshmeter.so.$major" "$(printf '%s\n' "$dynamic" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')"
needed=$(printf '%s\n' "$dynamic" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sed '/^ld-linux/d; s/^libc\..*/libc/')
expect libraries libc "$needed"
exit $status
