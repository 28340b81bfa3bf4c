/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sbx-scope BUS UNIT PID [SLICE]: ask the manager at the bus socket BUS for a transient scope UNIT
 * with this process and process PID in it, answer on descriptor 0, and keep the scope alive until
 * that is closed.  See scope/wire.h, and run/scope.h for why it is done so.
 *
 * It is a program of its own because libsystemd is too much for sbx itself, which starts in less
 * time than that library takes to load.  It has the caller's rights and no others, and nothing that
 * it says is believed: sbx asks the kernel where the processes are.
 */
#include "scope/scope.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Text of the manager is shown on terminals. */
static void copy_plain(char buffer[static SCOPE_TEXT], const char *text)
{
    size_t length = strnlen(text, SCOPE_TEXT - 1);

    for (size_t i = 0; i < length; i++)
        buffer[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i];
    buffer[length] = '\0';
}

static int answer(int number, const char *text)
{
    struct scope_answer answer = {.number = number};

    copy_plain(answer.text, text);
    return send(STDIN_FILENO, &answer, sizeof(answer), MSG_NOSIGNAL) == (ssize_t)sizeof(answer);
}

static void wait_for_end(void)
{
    char byte;

    while (recv(STDIN_FILENO, &byte, sizeof(byte), 0) > 0)
        ;
}

int main(int argc, char **argv)
{
    struct scope_request request;
    const char *why = "";
    sigset_t all;
    int r;

    if (argc < 4 || argc > 5) {
        fputs("usage: sbx-scope BUS UNIT PID [SLICE]\n"
              "It is started by sbx, to have a scope from systemd for a sandbox.\n",
              stderr);
        return 1;
    }
    /* what a terminal sends is for the command; sbx says when it is over */
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    request = (struct scope_request){.bus = argv[1],
                                     .unit = argv[2],
                                     .slice = argc == 5 ? argv[4] : NULL,
                                     .pid = (uint32_t)strtoul(argv[3], NULL, 10)};
    r = scope_make(&request, &why);
    if (!answer(-r, why) || r < 0)
        return 1;
    wait_for_end();
    return 0;
}
