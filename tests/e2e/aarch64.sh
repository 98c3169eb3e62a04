#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The freestanding reader of aarch64, cross-compiled and run by qemu-user over regions that the native writer publishes:
# every golden line, any bytes on stdin, and --watch, which sleeps on the futex word and is woken through qemu. And
# libshmeter of aarch64. Not what lies beside the program (in qemu that is qemu), nor the order of memory, which is the host's.
# BUILD is the release build; GOLDEN, PROGRAM and MAKE_REGION are programs of it.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"
needs cmake ninja aarch64-linux-gnu-gcc aarch64-linux-gnu-g++ qemu-aarch64-static

cross=$BUILD/aarch64
{
  cmake -S "$TREE" -B "$cross" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
    -DCMAKE_C_COMPILER=aarch64-linux-gnu-gcc -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DSHMETER_COLLECTOR=OFF -DBUILD_TESTING=OFF &&
    cmake --build "$cross" --target shmeter shmeter_c
} > "$work/build.log" 2>&1 || die "it does not build: $(cat "$work/build.log")"

cat > "$work/shmeter" <<END
#!/bin/sh
exec $(command -v qemu-aarch64-static) "$cross/bin/shmeter" "\$@"
END
chmod +x "$work/shmeter"
export SHMETER_OTHER_READER=$work/shmeter
"$work/shmeter" --help | grep -q '^usage: shmeter' || die "it does not run"

# Those that only wait for the clock, or go through thousands of regions, are left to the native reader.
watches='*/Watch.EveryHost*:*/Watch.AnUnchanged*:*/Watch.ARegionThatAppears*:*/Watch.AStoppedBar*:*/Watch.EndsWithStatus0*'
claude='*/Hook.*:*/Claude.Sends*:*/Claude.Garbage*:*/Claude.TheLargest*'
"$PROGRAM" --gtest_filter="*/Program.*:$watches:$claude:-*OtherVerbsBecomeShmeterd*:*AnyRegionBytes*" > "$work/program.log" 2>&1 &
running=$!
"$GOLDEN" > "$work/golden.log" 2>&1 || die "golden lines: $(cat "$work/golden.log")"
wait "$running" || die "the program: $(cat "$work/program.log")"
for log in golden program; do
  grep -qE "PASSED  . [1-9][0-9]+ tests" "$work/$log.log" || die "$log: nothing ran: $(cat "$work/$log.log")"
done

aarch64-linux-gnu-gcc -I "$TREE/shm/include" -o "$work/today" "$TREE/tests/e2e/today.c" -L "$cross/lib" -lshmeter \
  -Wl,-rpath,"$cross/lib"
mkdir -m 700 "$work/region"
today=$("$MAKE_REGION" "$work/region" "$TREE/tests/golden/full-form/picture.txt" env SHMETER_RUNTIME_DIR="$work/region" \
  qemu-aarch64-static -L /usr/aarch64-linux-gnu "$work/today")
[[ $today == $'today\t12.34' ]] || die "libshmeter says: $today"
