/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any messages to init: CONFIG, then what a supervisor could send, well formed or not, and children
 * that change in between.  A message that no supervisor sends ends it; nothing else does.
 */
#include "fuzz/shared/init_inside.h"
#include "init/wire.h"

#include <linux/filter.h>

enum operation { SEND_ANY, SEND_START, SEND_SIGNAL, CHILD, OPERATION_COUNT };

static void send_config(int socket, struct input *input)
{
    static struct {
        struct wire_config head;
        struct sock_filter filter[WIRE_MAX_FILTER + 1];
    } message;
    size_t length = sizeof(message.head);

    message.head = (struct wire_config){
        .type = input_number(input, 1) == 0 ? WIRE_CONFIG : (uint32_t)input_number(input, 4),
        .rlimit_count = (uint32_t)input_number(input, 1),
        .filter_length = (uint32_t)input_number(input, 2)};
    if (message.head.filter_length <= WIRE_MAX_FILTER + 1)
        length += message.head.filter_length * sizeof(struct sock_filter);
    length -= input_number(input, 1) % 4;
    (void)descriptors_send(socket, &message, length, NULL, 0);
}

static void send_start(int socket, struct input *input)
{
    struct wire_start start = {.type = WIRE_START};
    struct input strings;
    int fds[16];
    size_t count = 2;

    start.command = (uint32_t)input_number(input, 1);
    start.argc = (uint32_t)input_number(input, 1);
    start.envc = (uint32_t)input_number(input, 1);
    start.session = (uint32_t)input_number(input, 1) % 2;
    start.terminal = (uint32_t)input_number(input, 1) % 9;
    start.fd_count = (uint32_t)input_number(input, 1) % 14;
    for (size_t i = 0; i < start.fd_count; i++)
        start.fd_targets[i] = (int8_t)input_number(input, 1);
    strings = input_part(input, input_number(input, 1));
    start.strings_size = strings.size;
    if (input_number(input, 1) == 1)
        start.strings_size = input_number(input, 8);
    fds[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
    fds[1] = descriptors_memory(strings.data, strings.size);
    for (size_t i = 0; i < start.fd_count; i++)
        fds[count++] = open("/dev/null", O_RDWR | O_CLOEXEC);
    (void)descriptors_send(socket, &start, sizeof(start), fds, count);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void send_signal(int socket, struct input *input)
{
    struct wire_signal order = {.type = WIRE_SIGNAL};

    order.command = (uint32_t)input_number(input, 1);
    order.signal = (int8_t)input_number(input, 1);
    order.to_group = (uint32_t)input_number(input, 1);
    (void)descriptors_send(socket, &order, sizeof(order), NULL, 0);
}

/* What init says is that a command of its own has changed. */
static void hear(int socket)
{
    struct wire_changed changed;
    ssize_t length = recv(socket, &changed, sizeof(changed), MSG_DONTWAIT | MSG_TRUNC);

    for (; length > 0; length = recv(socket, &changed, sizeof(changed), MSG_DONTWAIT | MSG_TRUNC)) {
        CHECK(length == sizeof(changed) && changed.type == WIRE_CHANGED);
        CHECK(changed.change >= WIRE_EXITED && changed.change <= WIRE_CONTINUED);
    }
}

static void talk(int socket, struct input *input)
{
    send_config(socket, input);
    inside_configure();
    while (input->size > 0) {
        switch (input_number(input, 1) % OPERATION_COUNT) {
        case SEND_ANY:
            descriptors_send_any(socket, input);
            break;
        case SEND_START:
            send_start(socket, input);
            break;
        case SEND_SIGNAL:
            send_signal(socket, input);
            break;
        default:
            inside_child(input);
            break;
        }
        inside_hear();
        inside_check();
        hear(socket);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size};
    struct descriptors before;
    int ends[2];
    volatile bool left = false;

    descriptors_remember(&before);
    descriptors_pair(ends);
    inside_start(ends[1]);
    if (setjmp(inside_left) == 0)
        talk(ends[0], &input);
    else
        left = true;
    close(ends[0]);
    if (inside_exec_socket >= 0)
        close(inside_exec_socket);
    if (left)
        CHECK(inside_code == WIRE_INIT_DONE || inside_code == WIRE_INIT_BAD_MESSAGE, "%d",
              inside_code);
    /* what came with a message is closed again, unless that message ended it */
    CHECK(descriptors_close_new(&before) == 0 || left, "a descriptor is left open");
    return 0;
}
