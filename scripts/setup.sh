# shellcheck shell=sh
# Sourced after common.sh: Debian's packages that the program is faster or richer with. It runs without them, so nothing here
# stops it. A need is "onednn", "fashion-mnist", or, for ./test alone, "numpy" or "chromium".

# One file a need, holding what came of it. Where one is, nothing is tried again: a failing apt-get takes its time.
# shellcheck disable=SC2154 # artifacts: common.sh
setup_results=$artifacts/setup

# set_up NEED…
set_up() {
    for need in "$@"; do
        is_settled "$need" || ! can_write || with_lock settle "$need" || true
    done
}

# The same, even where it failed before; fails if something is still missing.
set_up_again() {
    [ "${DROPOUTLAB_NO_INSTALL:-0}" != 1 ] || { say "nothing is installed while DROPOUTLAB_NO_INSTALL is 1"; return 2; }
    can_write || { say_unwritable; return 2; }
    status=0
    for need in "$@"; do
        rm -f "$setup_results/$need"
        set_up "$need"
        say "$need: $(cat "$setup_results/$need" 2>/dev/null || echo "left as it is")"
        is_present "$need" || status=1
    done
    return $status
}

# What ./test alone needs, where it could not be installed.
failed_needs() {
    for need in numpy chromium; do
        [ ! -e "$setup_results/$need" ] || is_present "$need" || echo "$need"
    done
}

is_settled() {
    [ -e "$setup_results/$1" ] || [ "${DROPOUTLAB_NO_INSTALL:-0}" = 1 ] ||
        { [ "$1" = onednn ] && [ -n "${DROPOUTLAB_ONEDNN:-}" ]; }
}

settle() {
    is_settled "$1" && return
    result=present
    is_present "$1" || install "$1" || 
        say "$(title "$1") is not installed and cannot be from here ($result): $(remedy "$1")"
    mkdir -p "$setup_results"
    echo "$result" >"$setup_results/$1"
}

is_present() {
    case $1 in
        onednn) has_library libdnnl ;;
        fashion-mnist) has_file /usr/share/datasets/fashion-mnist/train-images-idx3-ubyte* ;;
        numpy) has_numpy ;;
        chromium) command -v chromium >/dev/null ;;
    esac
}

# The first python3 on the PATH may be one without numpy, beside the system's, which the package is for.
has_numpy() {
    for python in python3 /usr/bin/python3; do
        ! "$python" -c "import numpy" 2>/dev/null || return 0
    done
    return 1
}

# ldconfig is seldom on the PATH of other users than root, and has another meaning where there is no glibc.
has_library() {
    PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -qF "$1.so" ||
        has_file /usr/lib/"$1".so* /usr/local/lib/"$1".* /opt/homebrew/lib/"$1".*
}

has_file() {
    for file in "$@"; do
        [ ! -e "$file" ] || return 0
    done
    return 1
}

title() {
    case $1 in
        onednn) echo oneDNN ;;
        fashion-mnist) echo "the data set Fashion-MNIST" ;;
        numpy) echo "Python's numpy" ;;
        chromium) echo "the browser Chromium" ;;
    esac
}

remedy() {
    case $1 in
        onednn) echo "install $(package "$1") (Homebrew: onednn) to train many times as fast" ;;
        fashion-mnist) echo "install $(package "$1"); without it, it is downloaded when needed" ;;
        numpy) echo "install $(package "$1"); without it, the checks of audits by another program are not run" ;;
        chromium) echo "install $(package "$1"); without it, the pages are not tested" ;;
    esac
}

# The library's package has its version in its name: libdnnl2 (Debian 12, Ubuntu 22.04), libdnnl3.6 (Debian 13), and so on.
package() {
    case $1 in
        onednn)
            newest=$(apt-cache pkgnames libdnnl 2>/dev/null | grep -E '^libdnnl[23](\.[0-9]+)*(t64)?$' | sort -V | tail -n 1)
            echo "${newest:-libdnnl-dev}"
            ;;
        fashion-mnist) echo dataset-fashion-mnist ;;
        numpy) echo python3-numpy ;;
        chromium) echo chromium ;;
    esac
}

# Sets $result. The first try fails quickly where there are no package lists yet, as on a fresh machine, or old ones.
install() {
    find_apt || return
    say "installing $(title "$1") with apt-get"
    result="apt-get failed, see $setup_results.log; ./dropoutlab --setup tries again"
    try_install "$1" || { update_lists && try_install "$1"; } || return
    result=installed
}

# Sets $as_root, or $result.
find_apt() {
    result="there is no apt-get here"
    command -v apt-get >/dev/null || return
    result="not root, and no sudo without a password"
    as_root=
    [ "$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && as_root="sudo -n"; }
}

try_install() {
    apt_get install --no-install-recommends "$(package "$1")" && is_present "$1"
}

update_lists() {
    say_progress "fetching the package lists"
    apt_get update
}

# Asks nothing, waits a minute for another package manager, and gives up on a network that does not answer.
apt_get() {
    # shellcheck disable=SC2086 # as_root: none, or two words
    ${as_root} env DEBIAN_FRONTEND=noninteractive apt-get -y -qq -o DPkg::Lock::Timeout=60 -o Acquire::Retries=1 \
        -o Acquire::http::Timeout=20 "$@" >>"$setup_results.log" 2>&1 </dev/null 9>&-
}
