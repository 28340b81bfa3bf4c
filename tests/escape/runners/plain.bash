# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# No sandbox at all.
# shellcheck disable=SC2034 # escape.bash uses it

plain_command() {
    command_line=("$@")
}
