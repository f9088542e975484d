# shellcheck shell=sh
# Sourced after common.sh: builds the program, and knows without asking MSBuild whether it is up to date.

# Holds the name of the current build's folder in artifacts/app; as old as the start of that build.
# shellcheck disable=SC2154 # artifacts: common.sh
build_stamp=$artifacts/built

# Sets $app. Folders count as well, so that a file deleted or moved here is noticed.
# shellcheck disable=SC2154 # root: common.sh
is_built() {
    { read -r app <"$build_stamp"; } 2>/dev/null && [ -f "$artifacts/app/$app/DropoutLab.Cli.dll" ] &&
        [ -z "$(find "$root/src" "$root"/Directory.*.props "$root/global.json" \
            \( -name bin -o -name obj \) -prune -o -newer "$build_stamp" -print)" ]
}

# Builds unless another start has just done so.
build() {
    is_built && return
    has_sdk || return
    make_output_folders
    name=$(date +%Y%m%d-%H%M%S)-$$
    echo "$name" >"$build_stamp.new"
    say_progress "building; the first time takes a minute or two …"
    compile "$root/src/DropoutLab.Cli" "$artifacts/build.log" || return
    install_build "$name"
}

# Made before the stamp is: making them later would change the folder that they are in, and look like a change of sources.
make_output_folders() {
    for project in "$root"/src/*/; do
        mkdir -p "$project/bin" "$project/obj"
    done
}

# compile PROJECT LOG OPTION…: the log appears on stderr only if it fails, less the summary, which says all again.
# shellcheck disable=SC2154 # dotnet: find_dotnet
compile() {
    project=$1 log=$2
    shift 2
    (cd "$root" && "$dotnet" build "$project" -c Release -v quiet -nologo "$@") >"$log" 2>&1 </dev/null 9>&- && return
    sed '/^Build FAILED/,$d' "$log" >&2
    say "the build failed"
    return 1
}

# MSBuild overwrites its output in place, which would pull the code from under a program that runs, for days perhaps. So each
# build runs from a copy of its own.
install_build() {
    mkdir -p "$artifacts/app" && cp -R "$root/src/DropoutLab.Cli/bin/Release/net10.0" "$artifacts/app/$1" || return
    remove_old_builds "$1" "$(cat "$build_stamp" 2>/dev/null)"
    mv "$build_stamp.new" "$build_stamp"
}

# remove_old_builds NEW PREVIOUS: keeps both, the previous as a program may be starting from it, and whatever still runs.
remove_old_builds() {
    for folder in "$artifacts"/app/*; do
        case ${folder##*/} in "$1" | "$2") continue ;; esac
        grep -qsF "$folder/" /proc/[0-9]*/maps || rm -rf "$folder"
    done
}
