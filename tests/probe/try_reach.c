/* SPDX-License-Identifier: Apache-2.0 */
/* Tries to reach what is outside: sockets, System V IPC, keys. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_unix(const char *name, size_t length, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return refused("socket");
    if (length > sizeof(address.sun_path))
        return untried("the name is too long");
    memcpy(address.sun_path, name, length);
    return verdict(connect(fd, (struct sockaddr *)&address,
                           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)),
                   "connect");
}

static int try_connect_unix(int argc, char **argv)
{
    (void)argc;
    return connect_unix(argv[0], strlen(argv[0]) + 1, SOCK_STREAM);
}

static int try_connect_unix_dgram(int argc, char **argv)
{
    (void)argc;
    return connect_unix(argv[0], strlen(argv[0]) + 1, SOCK_DGRAM);
}

static int try_connect_unix_seqpacket(int argc, char **argv)
{
    (void)argc;
    return connect_unix(argv[0], strlen(argv[0]) + 1, SOCK_SEQPACKET);
}

static int try_connect_abstract(int argc, char **argv)
{
    char name[108] = "";

    (void)argc;
    snprintf(name + 1, sizeof(name) - 1, "%s", argv[0]);
    return connect_unix(name, 1 + strlen(argv[0]), SOCK_STREAM);
}

static int connect_tcp(const struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    return fd < 0 ? refused("socket") : verdict(connect(fd, address, length), "connect");
}

static int try_connect_tcp(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(argv[0])),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};

    (void)argc;
    return connect_tcp((struct sockaddr *)&address, sizeof(address));
}

static int try_connect_tcp6(int argc, char **argv)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons((uint16_t)atoi(argv[0])),
                                   .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    (void)argc;
    return connect_tcp((struct sockaddr *)&address, sizeof(address));
}

/* Bind, listen and connect to it: a working loopback. */
static int talk_to_self(struct sockaddr *address, socklen_t length)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return refused("socket");
    if (bind(fd, address, length) < 0 || listen(fd, 1) < 0)
        return refused("bind");
    if (getsockname(fd, address, &length) < 0)
        return refused("getsockname");
    return connect_tcp(address, length);
}

static int try_loopback4(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

    (void)argc;
    (void)argv;
    return talk_to_self((struct sockaddr *)&address, sizeof(address));
}

static int try_loopback6(int argc, char **argv)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    (void)argc;
    (void)argv;
    return talk_to_self((struct sockaddr *)&address, sizeof(address));
}

/* Is there a route to an address of the world?  A UDP connect sends nothing. */
static int try_route(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(9),
                                  .sin_addr = {htonl(0xc0000201)}}; /* 192.0.2.1 */
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    (void)argc;
    (void)argv;
    if (fd < 0)
        return refused("socket");
    return verdict(connect(fd, (struct sockaddr *)&address, sizeof(address)), "connect");
}

static int try_socket(int argc, char **argv)
{
    int type = argc > 1 ? atoi(argv[1]) : SOCK_STREAM;
    int protocol = argc > 2 ? atoi(argv[2]) : 0;

    return verdict(socket(atoi(argv[0]), type | SOCK_CLOEXEC, protocol), "socket");
}

static int try_shm(int argc, char **argv)
{
    int id = shmget((key_t)strtol(argv[0], NULL, 0), 0, 0);
    void *memory;

    (void)argc;
    if (id < 0)
        return refused("shmget");
    memory = shmat(id, NULL, SHM_RDONLY);
    if (memory != (void *)-1) /* NOLINT: the call's own sentinel */
        printf("%.80s\n", (const char *)memory);
    return verdict(memory == (void *)-1 ? -1 : 0, "shmat"); /* NOLINT: the call's own sentinel */
}

static int try_msg(int argc, char **argv)
{
    (void)argc;
    return verdict(msgget((key_t)strtol(argv[0], NULL, 0), 0), "msgget");
}

static int try_sem(int argc, char **argv)
{
    (void)argc;
    return verdict(semget((key_t)strtol(argv[0], NULL, 0), 0, 0), "semget");
}

/* Any use of keyctl at all. */
static int try_keyctl(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return verdict(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0),
                   "keyctl");
}

/* Find a key of type "user" by its name in the session's keyring. */
static int try_key(int argc, char **argv)
{
    (void)argc;
    return verdict(syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", argv[0], 0),
                   "keyctl(KEYCTL_SEARCH)");
}

/* request_key finds what the process's keyrings hold, without keyctl. */
static int try_request_key(int argc, char **argv)
{
    (void)argc;
    return verdict(syscall(SYS_request_key, "user", argv[0], NULL, 0), "request_key");
}

const struct command reach_tries[] = {
    {"connect-unix", 1, try_connect_unix, "PATH of a stream socket"},
    {"connect-unix-dgram", 1, try_connect_unix_dgram, "PATH of a datagram socket"},
    {"connect-unix-seqpacket", 1, try_connect_unix_seqpacket, "PATH of a socket for messages"},
    {"connect-abstract", 1, try_connect_abstract, "NAME"},
    {"connect-tcp", 1, try_connect_tcp, "PORT on 127.0.0.1"},
    {"connect-tcp6", 1, try_connect_tcp6, "PORT on ::1"},
    {"loopback4", 0, try_loopback4, "listen on 127.0.0.1 and connect to it"},
    {"loopback6", 0, try_loopback6, "listen on ::1 and connect to it"},
    {"route", 0, try_route, "is there a route to the world?"},
    {"socket", 1, try_socket, "FAMILY [TYPE [PROTOCOL]]"},
    {"shm", 1, try_shm, "KEY: attach System V shared memory, print its text"},
    {"msg", 1, try_msg, "KEY: a message queue"},
    {"sem", 1, try_sem, "KEY: a semaphore set"},
    {"keyctl", 0, try_keyctl, "use keyctl at all"},
    {"key", 1, try_key, "NAME: find a key in the session keyring"},
    {"request_key", 1, try_request_key, "NAME"},
    {NULL, 0, NULL, NULL},
};
