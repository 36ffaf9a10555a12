# SPDX-License-Identifier: MIT
# For scripts that consist of steps; read with `.`. The script sets `work` to a folder for the log.

step() { # name, command...: runs the command; shows its output and ends the script if it fails
    echo "${0##*/}: $1"
    name=$1
    shift
    "$@" >"$work/log" 2>&1 && return 0
    tail -n 60 "$work/log"
    echo "${0##*/}: could not $name" >&2
    exit 1
}
