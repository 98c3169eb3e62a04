#!/bin/sh
# SPDX-License-Identifier: MIT
# The readers, compiled freestanding, ask for nothing but shm/os.hpp, each other and the functions
# that plugin/sys has. Usage: no_libc.sh NM OBJECT...
set -eu
nm=$1
shift
defined=$("$nm" --defined-only --format=posix "$@" | cut -d' ' -f1)
allowed='memcpy memmove memset memcmp memchr strlen abort'
status=0
for symbol in $("$nm" --undefined-only --format=posix "$@" | awk 'NF > 1 { print $1 }' | sort -u); do
  case $symbol in
    _ZN7shmeter2os*) continue ;;
    _ZSt21__glibcxx_assert_fail*) continue ;;
  esac
  printf '%s\n' $allowed $defined | grep -qxF "$symbol" && continue
  echo "needs $symbol"
  status=1
done
exit $status
