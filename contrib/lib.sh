# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Shared by contrib/quickstart and contrib/check: the folder of the tree, and packages by list.
# Nothing here changes anything before the user has agreed; nothing here touches $HOME.

# Sourced with $0 the command itself, so that any working directory will do.
contrib=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
tree=$(dirname -- "$contrib")

say() { printf '%s\n' "$*"; }
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# ccache, where there is one, would otherwise write below $HOME.
: "${CCACHE_DIR:=$tree/build/ccache}"
export CCACHE_DIR

# The packages of the lists $@ that this machine does not have, one a line with the reason.
missing_packages() {
  sed -e '/^#/d' -e '/^ *$/d' "$@" | sort -u | while read -r package reason; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
    [ "$state" = installed ] || printf '  %-28s %s\n' "$package" "$reason"
  done
}

# as_root COMMAND...: as root, by sudo only if we are not.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# apt_get ARGUMENTS...: asks nothing, removes nothing.
apt_get() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o=Dpkg::Use-Pty=0 "$@"; }

# install_packages YES LIST...: installs what is missing of the lists after saying so. YES = 1 was told to go on.
install_packages() {
  yes=$1
  shift
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "No apt here. What has to be installed by other means:"
    sed -e '/^#/d' -e 's/^/  /' "$@"
    return 0
  fi
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then
    say "Packages: everything is installed."
    return 0
  fi
  names=$(say "$missing" | awk '{ print $1 }' | tr '\n' ' ')
  by=
  [ "$(id -u)" -eq 0 ] || by="sudo "
  say "These Debian packages are missing and will be installed (${by}apt-get install --no-install-recommends):"
  say "$missing"
  if [ -n "$by" ] && ! command -v sudo >/dev/null; then
    fail "not root, and there is no sudo. As root:  apt-get install --no-install-recommends $names"
  fi
  if [ "$yes" -ne 1 ]; then
    if [ ! -t 0 ]; then
      fail "cannot ask here. Run:  $0 --yes"
    fi
    printf 'Install them? [y/N] '
    read -r answer
    case $answer in
      y | Y | yes | Yes) ;;
      *) fail "nothing was installed. To do it yourself:  ${by}apt-get install --no-install-recommends $names" ;;
    esac
  fi
  # The lists of a fresh machine are empty, those of an old one name what is gone: then fetch them and try again.
  # shellcheck disable=SC2086  # one word a package
  if ! apt_get install -y --no-remove --no-install-recommends $names >/dev/null 2>&1; then
    apt_get update
    apt_get install -y --no-remove --no-install-recommends $names >/dev/null
  fi
  missing=$(missing_packages "$@")
  [ -z "$missing" ] || fail "still missing after apt-get: $missing"
}

# Told to go on without asking: by --yes, or because this is a CI run.
agreed() { [ -n "${CI-}" ] && [ "${CI-}" != false ] && [ "${CI-}" != 0 ]; }
