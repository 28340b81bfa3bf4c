/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/running_print.h"

#include "cli/message.h"

#include <stdio.h>
#include <string.h>

#define CELL 32

static void print_age(char text[static CELL], uint64_t milliseconds)
{
    unsigned long long seconds = milliseconds / 1000;

    if (seconds < 60)
        snprintf(text, CELL, "%llus", seconds);
    else if (seconds < 3600)
        snprintf(text, CELL, "%llum%02llus", seconds / 60, seconds % 60);
    else if (seconds < 86400)
        snprintf(text, CELL, "%lluh%02llum", seconds / 3600, seconds / 60 % 60);
    else
        snprintf(text, CELL, "%llud%02lluh", seconds / 86400, seconds / 3600 % 24);
}

static void print_memory(char text[static CELL], uint64_t bytes)
{
    if (bytes < (1U << 20))
        snprintf(text, CELL, "%llu KiB", (unsigned long long)(bytes >> 10));
    else
        snprintf(text, CELL, "%.1f MiB", (double)bytes / (1 << 20));
}

static int width_of(const struct sbx_running *list, size_t count)
{
    size_t width = strlen("NAME");

    for (size_t i = 0; i < count; i++)
        if (strlen(list[i].name) > width)
            width = strlen(list[i].name);
    return (int)width;
}

void running_print_table(const struct sbx_running *list, size_t count)
{
    int width = width_of(list, count);

    if (count > 0)
        printf("%-*s %8s %5s %7s %10s %11s %-12s %s\n", width, "NAME", "PID", "PROCS", "AGE", "CPU",
               "MEMORY", "PROFILE", "COMMAND");
    for (size_t i = 0; i < count; i++) {
        const struct sbx_running *running = &list[i];
        char name[4 * sizeof(running->name)];
        char command[4 * sizeof(running->command)];
        char age[CELL];
        char memory[CELL];

        message_escape(name, sizeof(name), running->name);
        if (!running->answers) {
            printf("%-*s %8s %5s %7s %10s %11s %-12s %s\n", width, name, "-", "-", "-", "-", "-",
                   "-", "(sbx is stopped or busy)");
            continue;
        }
        message_escape(command, sizeof(command), running->command);
        print_age(age, running->age_ms);
        print_memory(memory, running->memory);
        printf("%-*s %8d %5u %7s %9.2fs %11s %-12s %s\n", width, name, running->pid,
               running->processes, age, (double)running->cpu_ms / 1000, memory, running->profile,
               command);
    }
}

void running_print_line(const struct sbx_running *running, int first)
{
    char age[CELL];
    char memory[CELL];

    if (first)
        printf("%7s %10s %11s %5s\n", "AGE", "CPU", "MEMORY", "PROCS");
    if (!running->answers) {
        printf("%7s %10s %11s %5s  (sbx is stopped or busy)\n", "-", "-", "-", "-");
        return;
    }
    print_age(age, running->age_ms);
    print_memory(memory, running->memory);
    printf("%7s %9.2fs %11s %5u\n", age, (double)running->cpu_ms / 1000, memory,
           running->processes);
}
