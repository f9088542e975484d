# shellcheck shell=sh
# Sourced by ./dropoutlab and ./test with $root, the repository's folder, set.

# shellcheck disable=SC2154 # root: see above
artifacts=$root/artifacts
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf 'dropoutlab: %s\n' "$*" >&2; }

# For a person who waits: on a terminal only, so that logs and pipes carry the program's own lines.
say_progress() { [ ! -t 2 ] || say "$@"; }

# Sets $dotnet and exports DOTNET_ROOT, where built programs look for .NET. Where the installer script of .NET puts it is seldom on
# the PATH, and what is there may be an older one, or one without an SDK. Any is better than none: the SDK itself says what it lacks.
find_dotnet() {
    find_dotnet_with sdk || find_dotnet_with shared/Microsoft.NETCore.App || find_dotnet_with . || say_no_sdk
}

# find_dotnet_with FOLDER: the first that has version 10 in that folder of its home; any for ".".
find_dotnet_with() {
    for dotnet in "${DOTNET_ROOT:+$DOTNET_ROOT/dotnet}" "$(command -v dotnet)" "${HOME:+$HOME/.dotnet/dotnet}"; do
        [ -x "$dotnet" ] || continue
        [ "$1" != . ] || return 0
        home=$(dirname -- "$(readlink -f -- "$dotnet")")
        for version in "$home/$1"/10.*; do
            [ -d "$version" ] || continue
            export DOTNET_ROOT="$home"
            return 0
        done
    done
    return 1
}

say_no_sdk() {
    say "the .NET 10 SDK is not installed: see https://dotnet.microsoft.com/download/dotnet/10.0, then start again"
    return 2
}

# global.json, which the SDK reads from the working folder, says which SDK will do.
has_sdk() {
    refusal=$( (cd "$root" && "$dotnet" --version) 2>&1 >/dev/null) && return
    "$dotnet" --list-sdks 2>/dev/null | grep -q '^10\.' || say_no_sdk || return
    say "the .NET SDK does not start: $(echo "$refusal" | head -n 1)"
    return 2
}

can_write() { { mkdir -p "$artifacts" && touch "$artifacts/lock"; } 2>/dev/null; }

say_unwritable() { say "cannot write to $artifacts: make it writable, or clone into a folder of your own"; }

# with_lock FUNCTION ARGUMENT…: one at a time for this clone, where there is flock. The lock is on descriptor 9: whatever
# outlives the function, like a build server, has to be started with 9>&-.
with_lock() {
    can_write || {
        say_unwritable
        return 1
    }
    (
        take_lock
        "$@"
    ) 9>>"$artifacts/lock"
}

# A file system without locks is no reason to stop.
take_lock() {
    command -v flock >/dev/null && ! flock -n 9 || return 0
    say_progress "waiting for another start of this program to finish its set-up or build"
    flock 9 || true
}
