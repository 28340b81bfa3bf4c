/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile visitors of a running sandbox: any requests, with any descriptors.  What the supervisor
 * makes of them goes to init, which must never find fault with it: a visitor can't end the sandbox
 * by a message that is malformed.  No descriptor of a visitor may stay behind.
 */
#include "fuzz/shared/init_inside.h"

#include "run/service.h"

#define CONTROL  0 /* of init */
#define VISITORS 3

enum operation { SEND_ANY, SEND_EXEC, SEND_SIMPLE, VISIT, EXEC_SAYS, EXEC_ENDS, CHILD, OPERATIONS };

struct world {
    struct plan plan;
    struct service service;
    struct attestation attestation;
    struct refusals refusals;
    int control;            /* the supervisor's end */
    int visitors[VISITORS]; /* their own ends, negative where there is none */
};

static void visit(struct world *world, unsigned who)
{
    int ends[2];

    if (world->visitors[who] >= 0)
        close(world->visitors[who]);
    world->visitors[who] = -1;
    for (size_t i = 0; i < SERVICE_MAX_VISITORS; i++)
        if (world->service.visitors[i].socket < 0) {
            descriptors_pair(ends);
            world->service.visitors[i] = (struct visitor){.socket = ends[0], .exec = -EBADF};
            world->visitors[who] = ends[1];
            return;
        }
}

static void send_exec(int socket, struct input *input)
{
    struct request_exec request = {.type = REQUEST_EXEC};
    struct input strings;
    int fds[16];
    size_t count = 1;

    request.argc = (uint32_t)input_number(input, 1);
    request.envc = (uint32_t)input_number(input, 1);
    request.fd_count = (uint32_t)input_number(input, 1) % 5;
    for (size_t i = 0; i < REQUEST_MAX_FDS; i++)
        request.fd_targets[i] = (int8_t)input_number(input, 1);
    strings = input_part(input, input_number(input, 1));
    request.strings_size = strings.size;
    if (input_number(input, 1) == 1)
        request.strings_size = input_number(input, 4);
    fds[0] = descriptors_memory(strings.data, strings.size);
    for (size_t i = 0; i < request.fd_count; i++)
        fds[count++] = descriptors_any(input, NULL, 0);
    (void)descriptors_send(socket, &request, sizeof(request), fds, count);
    for (size_t i = 0; i < count; i++)
        close(fds[i]);
}

static void send_simple(int socket, struct input *input)
{
    const uint32_t info = REQUEST_INFO;
    const struct request_stop stop = {.type = REQUEST_STOP, .grace_ms = input_number(input, 2)};
    struct request_signal order = {.type = REQUEST_SIGNAL};

    order.signal = (int8_t)input_number(input, 1);
    order.to_group = (uint32_t)input_number(input, 1) % 2;
    switch (input_number(input, 1) % 4) {
    case 0:
        (void)descriptors_send(socket, &info, sizeof(info), NULL, 0);
        break;
    case 1:
        (void)descriptors_send(socket, &stop, sizeof(stop), NULL, 0);
        break;
    default:
        (void)descriptors_send(socket, &order, sizeof(order), NULL, 0);
        break;
    }
}

/* The command's process before its exec. */
static void exec_says(struct input *input)
{
    struct wire_hello hello = {.type = WIRE_HELLO};
    struct wire_exec_failed failed = {.type = WIRE_EXEC_FAILED};

    hello.exec_socket = (int32_t)input_number(input, 1);
    failed.stage = (uint32_t)input_number(input, 1);
    failed.number = (int32_t)input_number(input, 1);
    if (inside_exec_socket < 0)
        return;
    if (input_number(input, 1) % 2 == 0)
        (void)descriptors_send(inside_exec_socket, &hello, sizeof(hello), NULL, 0);
    else
        (void)descriptors_send(inside_exec_socket, &failed, sizeof(failed), NULL, 0);
}

static void act(struct world *world, struct input *input)
{
    unsigned operation = (unsigned)input_number(input, 1) % OPERATIONS;
    unsigned who = (unsigned)input_number(input, 1) % VISITORS;

    if (operation <= SEND_SIMPLE && world->visitors[who] < 0)
        visit(world, who);
    switch (operation) {
    case SEND_ANY:
        descriptors_send_any(world->visitors[who], input);
        break;
    case SEND_EXEC:
        send_exec(world->visitors[who], input);
        break;
    case SEND_SIMPLE:
        send_simple(world->visitors[who], input);
        break;
    case VISIT:
        visit(world, who);
        break;
    case EXEC_SAYS:
        exec_says(input);
        break;
    case EXEC_ENDS:
        if (inside_exec_socket >= 0)
            close(inside_exec_socket);
        inside_exec_socket = -1;
        break;
    default:
        inside_child(input);
        break;
    }
}

/* Every answer has the size of its type. */
static void hear(int visitor)
{
    union answer answer;
    ssize_t length;

    while ((length = recv(visitor, &answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC)) > 0) {
        size_t wanted = answer.type == ANSWER_INFO      ? sizeof(answer.info)
                        : answer.type == ANSWER_FAILED  ? sizeof(answer.failed)
                        : answer.type == ANSWER_CHANGED ? sizeof(answer.changed)
                                                        : sizeof(answer.type);

        CHECK((size_t)length == wanted && answer.type >= ANSWER_INFO &&
              answer.type <= ANSWER_CHANGED);
    }
}

/* One round of the supervisor's loop, and of init's. */
static void go_on(struct world *world)
{
    struct pollfd watched[SERVICE_MAX_POLL];
    size_t count = service_watch(&world->service, watched);
    struct wire_changed changed;

    while (poll(watched, count, 0) < 0)
        CHECK(errno == EINTR); /* libFuzzer's own timer */
    service_handle(&world->service, watched, count);
    for (struct pollfd orders = {.fd = CONTROL, .events = POLLIN}; poll(&orders, 1, 0) > 0;)
        inside_hear();
    inside_check();
    while (recv(world->control, &changed, sizeof(changed), MSG_DONTWAIT) == sizeof(changed))
        if (changed.command != 0)
            service_changed(&world->service, &changed);
    for (size_t i = 0; i < VISITORS; i++)
        if (world->visitors[i] >= 0)
            hear(world->visitors[i]);
}

static void start(struct world *world)
{
    static const char *const argv[] = {"true", NULL};
    static const char *const environment[] = {"PATH=/bin", "A=1", "PWD=/", NULL};
    static const struct host_mounts no_mounts;
    int ends[2];

    *world = (struct world){.plan = {.argv = argv,
                                     .argc = 1,
                                     .environment = environment,
                                     .environment_count = 3,
                                     .host_mounts = &no_mounts},
                            .refusals = {.events = -EBADF}};
    CHECK(attestation_open(&world->plan, &world->attestation, NULL) == 0);
    CHECK(attestation_prepare(&world->attestation, NULL) == 0);
    CHECK(service_open(&world->plan, &world->service, NULL) == 0);
    descriptors_pair(ends);
    inside_start(ends[1]);
    /* the first command is there and has the number 0 */
    inside_first_runs();
    world->control = ends[0];
    service_start(&world->service, &world->attestation, ends[0], -1, 0, &world->refusals);
    for (size_t i = 0; i < VISITORS; i++)
        world->visitors[i] = -1;
}

static void stop(struct world *world)
{
    service_close(&world->service);
    attestation_close(&world->attestation);
    for (size_t i = 0; i < VISITORS; i++)
        if (world->visitors[i] >= 0)
            close(world->visitors[i]);
    close(world->control);
    if (inside_exec_socket >= 0)
        close(inside_exec_socket);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;
    struct input input = {.data = data, .size = size};
    struct descriptors before;

    descriptors_remember(&before);
    start(&world);
    if (setjmp(inside_left) == 0)
        while (input.size > 0) {
            act(&world, &input);
            go_on(&world);
        }
    else
        /* only the end of the first command ends init */
        CHECK(inside_code == WIRE_INIT_DONE, "init ended with %d", inside_code);
    stop(&world);
    CHECK(descriptors_close_new(&before) == 0, "a descriptor is left open");
    return 0;
}
