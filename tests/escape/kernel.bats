#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The kernel's attack surface: calls that past flaws were reached by.  Only the caller can tell\n# whether the kernel took a call, so these cases believe it.
# bats file_tags=escape
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # holds calls attack(), escape.bash reads what is set; single quotes are for the shell inside

load ../cli/common
load escape

# kernel_takes TRY...
kernel_takes() {
    tries "$@"
    says_done
}

@test "CVE-2022-0185: a user namespace, and with it file systems (unshare)" {
    skip_unless userns "no user namespaces here"
    attack() { kernel_takes userns-unshare; }
    holds
}

@test "CVE-2023-0386, CVE-2024-1086: a user namespace by clone" {
    skip_unless userns "no user namespaces here"
    attack() { kernel_takes userns-clone; }
    holds
}

@test "CVE-2021-41133: a user namespace by clone3, whose flags no filter sees" {
    skip_unless userns "no user namespaces here"
    attack() { kernel_takes userns-clone3; }
    holds
}

@test "CVE-2014-0038: the x32 ABI, which a filter has forgotten" {
    control_needs x32 "this kernel has no x32"
    attack() { kernel_takes x32; }
    holds
}

@test "CVE-2009-0835: the 32-bit entry, which a filter has forgotten" {
    control_needs int80 "this kernel has no 32-bit entry"
    attack() { kernel_takes int80; }
    holds
}

@test "CVE-2017-5206: a tracer makes another call of one that the filter has let pass" {
    [[ $(uname -m) == x86_64 ]] || skip "this is about x86-64"
    attack() { kernel_takes tracer-swap; }
    holds
}

@test "CVE-2016-0728: keyctl" {
    attack() { kernel_takes keyctl; }
    holds
}

@test "CVE-2021-3490: bpf" {
    has_bpf() { "$PROBE" try bpf; }
    control_needs bpf "the caller may not in any case"
    attack() { kernel_takes bpf; }
    holds
}

@test "CVE-2013-2094: perf_event_open" {
    has_perf() { "$PROBE" try perf; }
    control_needs perf "the caller may not in any case"
    attack() { kernel_takes perf; }
    holds
}

@test "userfaultfd, by which many exploits won their races" {
    has_userfaultfd() { "$PROBE" try userfaultfd; }
    control_needs userfaultfd "the caller may not in any case"
    attack() { kernel_takes userfaultfd; }
    holds
}

@test "CVE-2022-29582: io_uring" {
    has_io_uring() { "$PROBE" try io_uring; }
    control_needs io_uring "this kernel has no io_uring for the caller"
    attack() { kernel_takes io_uring; }
    holds
}

@test "CVE-2017-17053: modify_ldt" {
    has_modify_ldt() { "$PROBE" try modify_ldt; }
    [[ $(uname -m) == x86_64 ]] || skip "this is about x86-64"
    control_needs modify_ldt "this kernel has no modify_ldt"
    attack() { kernel_takes modify_ldt; }
    holds
}

@test "CVE-2009-1895: a personality that weakens the memory's protection" {
    attack() { kernel_takes personality 0x0500000; }
    holds
}

@test "CVE-2016-8655, CVE-2020-14386: packet sockets" {
    has_packet() { "$PROBE" try socket 17 3; }
    control_needs packet "the caller may not in any case"
    attack() { kernel_takes socket 17 3; }
    holds
}

@test "CVE-2021-26708: vsock, the way to the hypervisor" {
    has_vsock() { "$PROBE" try socket 40 1; }
    control_needs vsock "this kernel has no vsock"
    attack() { kernel_takes socket 40 1; }
    holds
}

@test "CVE-2019-8912: sockets of the kernel's cryptography (AF_ALG)" {
    has_alg() { "$PROBE" try socket 38 5; }
    control_needs alg "this kernel has no AF_ALG"
    attack() { kernel_takes socket 38 5; }
    holds
}

@test "CVE-2022-32250, CVE-2024-1086: netlink to the packet filter" {
    has_netfilter() { "$PROBE" try socket 16 3 12; }
    control_needs netfilter "this kernel has no netlink to a packet filter"
    attack() { kernel_takes socket 16 3 12; }
    holds
}

@test "the kernel's log (syslog)" {
    has_syslog() { dmesg | head -n 1 | grep -q .; }
    control_needs syslog "the caller may not read it in any case"
    attack() { inside dmesg && [[ $(wc -l <"$T/out") -gt 5 ]]; }
    holds
}

@test "the machine as a whole: power, swap, accounting" {
    control_needs root "an ordinary user may not in any case"
    attack() { inside sh -c 'for c in acct reboot swapoff; do ./probe try syscall $c; done'; says_done; }
    holds
}
