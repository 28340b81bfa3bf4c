#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Files and mounts: what the view hides, and what it shows read-only.
# bats file_tags=escape
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

has_file_handles() { # the right to open a file by its handle, and a file system that gives some
    is_root && "$PROBE" handle "$T"
}

@test "a file of the home directory" {
    attack() {
        secret_in "$HOME/.ssh/id"
        inside cat "$HOME/.ssh/id"
        came_out
    }
    holds
}

@test "a hidden file by the links in /proc: root, cwd and fd of every process" {
    attack() {
        secret_in "$HOME/secret"
        tries rob "$HOME/secret" 1
        came_out
    }
    holds
}

@test "a file in /tmp" {
    attack() {
        local file

        file=$(mktemp /tmp/escape.XXXXXXXX)
        echo "$SECRET" >"$file"
        inside sh -c 'cat /tmp/escape.*'
        rm "$file"
        came_out
    }
    holds
}

@test "a file in /dev/shm" {
    attack() {
        local file

        file=$(mktemp /dev/shm/escape.XXXXXXXX)
        echo "$SECRET" >"$file"
        inside sh -c 'cat /dev/shm/escape.*'
        rm "$file"
        came_out
    }
    holds
}

@test "CVE-2014-3519 (shocker): a hidden file is opened by its handle" {
    control_needs file_handles "only root may open files by their handles"
    attack() {
        secret_in "$HOME/secret"
        # shellcheck disable=SC2046 # two words
        tries open-handle "$T/w" $("$PROBE" handle "$HOME/secret" || echo 1 00)
        came_out
    }
    holds
}

@test "CVE-2025-31133: a masked file of /proc by another name" {
    has_kallsyms() { "$PROBE" try read /proc/kallsyms; }
    control_needs kallsyms "nobody can read /proc/kallsyms here"
    attack() {
        inside sh -c 'for f in /proc/kallsyms /proc/./kallsyms /proc/self/../kallsyms /proc/1/../kallsyms /proc/self/root/proc/kallsyms; do head -n 1 $f; done'
        grep -qE '^[0-9a-f]{16} ' "$T/out"
    }
    holds
}

@test "a read-only mount is made writable again (mount)" {
    attack() {
        inside sh -c "./probe try remount /; echo proof >'$T/o/proof' || { ./probe try remount '$T/w'; echo proof >proof; }"
        [[ -e $T/o/proof || -e $T/w/proof ]]
    }
    holds naive
}

@test "a read-only mount is made writable again (mount_setattr)" {
    attack() {
        inside sh -c "./probe try mount_setattr /; echo proof >'$T/o/proof' || { ./probe try mount_setattr '$T/w'; echo proof >proof; }"
        [[ -e $T/o/proof || -e $T/w/proof ]]
    }
    holds naive
}

@test "what covers a hidden directory is unmounted" {
    attack() {
        secret_in "$HOME/secret"
        inside sh -c './probe try umount "$1"; cat "$1/secret"' sh "$HOME"
        came_out
    }
    holds naive
}

@test "a hidden directory is shown by a new bind mount" {
    attack() {
        secret_in "$HOME/secret"
        inside sh -c 'mkdir -p /tmp/x; ./probe try umount "$1"; ./probe try bind / /tmp/x; cat "/tmp/x$1/secret"' sh "$HOME"
        came_out
    }
    holds naive
}

@test "CVE-2021-41133: the view is changed by the new mount calls (open_tree, fsopen)" {
    attack() {
        inside sh -c './probe try open_tree /; ./probe try fsopen tmpfs'
        says_done
    }
    holds naive
}

@test "the way out of a chroot" {
    attack() {
        secret_in "$HOME/secret"
        NAIVE_FLAGS=(-c)
        inside perl -e 'mkdir "/tmp/x"; chroot "/tmp/x"; chdir ".." for 1 .. 30; chroot "."; exec "cat", $ARGV[0]' "$HOME/secret"
        came_out
    }
    holds naive
}

@test "the old root is left somewhere" {
    attack() {
        secret_in "$HOME/secret"
        NAIVE_FLAGS=(-k)
        inside sh -c 'cat /tmp/.old"$1" /oldroot"$1" /.oldroot"$1" /old_root"$1" /put_old"$1" /run/firejail/mnt/oroot"$1"' sh "$HOME/secret"
        came_out
    }
    holds naive
}

# with_submount: $T/w/sub is a mount of its own, in a mount namespace of the test's; then "$@"
with_submount() {
    in_mount_ns bash -c 'mkdir sub && mount -t tmpfs sub sub && "$@"; ls sub' bash \
        timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/out" 2>&1 || true
}

@test "a submount stays writable below a read-only mount" {
    skip_unless mountns "no mount namespaces here"
    attack() {
        build touch sub/proof
        with_submount
        grep -qx proof "$T/out"
    }
    holds naive
}

@test "a mount that the host makes later comes in, writable" {
    skip_unless mountns "no mount namespaces here"
    attack() {
        mkfifo "$T/input"
        build sh -c 'read -r line; touch "$0/sub/proof"' "$T/w"
        in_mount_ns bash -c 'mount --make-rshared / && mkdir sub
            exec 9<>"$T/input"; "$@" <"$T/input" >>"$T/out" 2>&1 9>&- &
            for ((i = 0; i < 200; i++)); do grep -aq ^begun "$T/out" && break; sleep 0.02; done
            mount -t tmpfs sub sub; echo go >&9; wait; ls sub' bash \
            timeout -k 5 $((30 * SBX_TEST_SLOW)) "${command_line[@]}" >>"$T/late" 2>&1 || true
        cat "$T/late" >>"$T/out"
        grep -qx proof "$T/late"
    }
    holds naive
}

@test "CVE-2015-2925: a directory is moved away, and .. from it leads out of the bind mount" {
    attack() {
        secret_in "$HOME/secret"
        mkdir -p deep/er
        WRITABLE=("$T/w/deep")
        cd deep/er || return
        inside_background sh -c 'read -r line; cat ../../home/secret ../home/secret ../../../home/secret'
        cd "$T/w" || return
        mv deep/er "$T/o/er"
        proceed
        came_out
    }
    holds
}

@test "a file shown read-only gets a second name in a writable directory" {
    attack() {
        victim_file
        cp "$T/o/victim" "$T/w/victim"
        mkdir jail
        WRITABLE=("$T/w/jail")
        inside sh -c './probe try take "$1" "$2/x" && echo changed >"$2/x"' sh "$T/w/victim" "$T/w/jail"
        grep -q changed "$T/w/victim" "$T/w/jail/x"
    }
    holds
}

@test "a set-user-ID file is left behind, by any call that makes one" {
    attack() {
        mkdir jail
        WRITABLE=("$T/w/jail")
        inside sh -c 'cd jail && ../probe try setuid-files'
        [[ -n $(find jail -perm -4000) ]]
    }
    holds
}

@test "a lease keeps the host's own programs from a file" {
    attack() {
        echo text >file
        inside_background "$T/w/probe" try lease "$T/w/file" || return
        wait_until grep -aqE '^(done|refused)' "$T/out" || return
        "$PROBE" try write "$T/w/file" >"$T/write" || true
        proceed
        grep -q EAGAIN "$T/write"
    }
    holds
}

@test "the kernel's settings in /proc/sys, sysrq" {
    control_needs root "only root may write there in any case"
    attack() {
        inside sh -c 'for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/kernel/modprobe; do ./probe try write $f; done'
        says_done
    }
    holds
}

@test "the kernel's settings in /sys" {
    control_needs root "only root may write there in any case"
    attack() {
        inside sh -c 'for f in /sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/mm/ksm/run /sys/block/*/queue/nr_requests; do ./probe try write $f; done'
        says_done
    }
    holds
}

@test "CVE-2022-0492: a cgroup's release_agent" {
    has_release_agent() { is_root && compgen -G '/sys/fs/cgroup/*/release_agent'; }
    control_needs release_agent "no release_agent here that the caller may write to"
    attack() {
        inside sh -c 'for f in /sys/fs/cgroup/*/release_agent; do ./probe try write $f; done
            mkdir /tmp/c; for k in cpu memory rdma; do mount -t cgroup -o $k x /tmp/c && ./probe try write /tmp/c/release_agent; done'
        says_done
    }
    holds
}

@test "CVE-2023-25809: the caller's own cgroups are changed" {
    has_cgroup_write() { is_root && compgen -G '/sys/fs/cgroup/*/cgroup.procs'; }
    control_needs cgroup_write "the caller has no cgroup of its own"
    attack() {
        inside sh -c 'for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do ./probe try write $f; done'
        says_done
    }
    holds
}

@test "a block device of the host" {
    has_disk() { "$PROBE" try read "$(disk)"; }
    disk() { findmnt -vno SOURCE / || true; }
    control_needs disk "the caller may read no disk in any case"
    attack() {
        inside sh -c './probe try read "$1"; ./probe try mknod-block /tmp/disk "$2"' sh "$(disk)" "$((0x$(stat -c %t "$(disk)")))"
        says_done
    }
    holds
}

@test "a device node that lies in a writable directory" {
    need_root "only root can make one"
    attack() {
        mkdir jail
        mknod jail/node c 1 5 || return
        WRITABLE=("$T/w/jail")
        inside sh -c './probe try read jail/node || ./probe try write jail/node'
        says_done
    }
    holds
}

@test "the devices of the machine: memory, kernel log, virtual machines" {
    has_devices() { local d; for d in /dev/kmsg /dev/kvm /dev/fuse /dev/mem; do "$PROBE" try write $d && return; done; return 1; }
    control_needs devices "the caller may open none of them in any case"
    attack() {
        inside sh -c 'for d in /dev/kmsg /dev/kvm /dev/fuse /dev/mem; do ./probe try write $d; done'
        says_done
    }
    holds
}
