#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the two set-up commands do about packages, with stand-ins for dpkg, apt and sudo: silent when nothing is missing,
# never without consent, by list, and with sudo only when not root.
# shellcheck source=lib.sh
. "$(dirname -- "$0")/lib.sh"

mkdir "$work/bin"
export PATH=$work/bin:$PATH LOG=$work/log INSTALLED=$work/installed
cat > "$work/bin/dpkg-query" <<'EOF'
#!/bin/sh
grep -qx -- "$4" "$INSTALLED" || exit 1
printf installed
EOF
cat > "$work/bin/apt-get" <<'EOF'
#!/bin/sh
echo "apt-get $*" >> "$LOG"
case "$*" in
  *install*) [ -e "$INSTALLED.lists" ] || exit 100
    for word; do echo "$word"; done | sed 's/.*\///' >> "$INSTALLED" ;;
  *update*) : > "$INSTALLED.lists" ;;
esac
EOF
cat > "$work/bin/id" <<'EOF'
#!/bin/sh
echo "${FAKE_UID:-0}"
EOF
cat > "$work/bin/sudo" <<'EOF'
#!/bin/sh
echo "sudo" >> "$LOG"
exec "$@"
EOF
chmod +x "$work"/bin/*
cat > "$work/list" <<'EOF'
# a list
cmake        configures
libnone-dev  is missing
EOF

# install YES: what the commands do with the list; sets output and status.
install() {
  : > "$LOG"
  status=0
  output=$(sh -c '. "${0%/*}/lib.sh"; install_packages "$@"' "$TREE/contrib/quickstart" "$1" "$work/list" < /dev/null 2>&1) || status=$?
}
said() { [[ $output == *"$1"* ]] || die "did not say '$1': $output"; }

echo cmake > "$INSTALLED"
install 0
[[ $status -eq 1 ]] || die "exit $status without consent"
said libnone-dev
said 'is missing'
said 'contrib/quickstart --yes'
[[ ! -s $LOG ]] || die "ran without consent: $(cat "$LOG")"

install 1
[[ $status -eq 0 ]] || die "exit $status: $output"
grep -q -- '--no-install-recommends libnone-dev' "$LOG" || die "not installed by list: $(cat "$LOG")"
! grep 'install.* cmake' "$LOG" || die "installed what was there"
grep -q update "$LOG" || die "stale lists were not fetched anew"
! grep -q sudo "$LOG" || die "sudo as root"

install 0
[[ $status -eq 0 && ! -s $LOG ]] || die "nothing missing, yet: $status, $output, $(cat "$LOG")"

echo cmake > "$INSTALLED"
FAKE_UID=1000 install 1
[[ $status -eq 0 ]] || die "exit $status: $output"
said 'sudo apt-get'
grep -q sudo "$LOG" || die "not root and no sudo"
