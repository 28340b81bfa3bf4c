/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(error, set_fills_everything)
{
    struct sbx_error err = {0};

    cr_expect_eq(error_set(&err, SBX_ERROR_SETUP, EPERM, "mirror", "/a", "can't show %s", "/a"),
                 -EPERM);
    cr_expect_eq(err.number, EPERM);
    cr_expect_eq(err.kind, SBX_ERROR_SETUP);
    cr_expect_str_eq(err.operation, "mirror");
    cr_expect_str_eq(err.path, "/a");
    cr_expect_str_eq(err.message, "can't show /a");
    cr_expect_str_empty(err.origin);
    cr_expect_str_empty(err.hint);
}

Test(error, the_lowest_level_wins)
{
    struct sbx_error err = {0};

    error_set(&err, SBX_ERROR_SETUP, EPERM, "low", NULL, "first");
    cr_expect_eq(error_set(&err, SBX_ERROR_INTERNAL, EIO, "high", "/b", "second"), -EIO);
    cr_expect_eq(error_usage(&err, "--rw #1", "third"), -EINVAL);
    cr_expect_eq(error_oom(&err), -ENOMEM);
    cr_expect_str_eq(err.message, "first");
    cr_expect_str_eq(err.operation, "low");
    cr_expect_str_empty(err.path);
    cr_expect_str_empty(err.origin);
    cr_expect_eq(err.number, EPERM);
}

Test(error, without_an_object)
{
    cr_expect_eq(error_set(NULL, SBX_ERROR_SETUP, ENOENT, NULL, NULL, "x"), -ENOENT);
    cr_expect_eq(error_set(NULL, SBX_ERROR_SETUP, 0, NULL, NULL, "x"), -EINVAL);
    cr_expect_eq(error_usage(NULL, "--x", "y"), -EINVAL);
    cr_expect_eq(error_oom(NULL), -ENOMEM);
    error_add_origin(NULL, "x");
    error_add_hint(NULL, "x");
}

Test(error, usage_has_origin_and_no_number)
{
    struct sbx_error err = {0};

    cr_expect_eq(error_usage(&err, "--rw #2", "bad %d", 5), -EINVAL);
    cr_expect_eq(err.kind, SBX_ERROR_USAGE);
    cr_expect_eq(err.number, 0);
    cr_expect_str_eq(err.origin, "--rw #2");
    cr_expect_str_eq(err.message, "bad 5");
}

Test(error, out_of_memory)
{
    struct sbx_error err = {0};

    cr_expect_eq(error_oom(&err), -ENOMEM);
    cr_expect_eq(err.kind, SBX_ERROR_INTERNAL);
    cr_expect_eq(err.number, ENOMEM);
    cr_expect_str_not_empty(err.message);
}

Test(error, origin_and_hint_are_set_once)
{
    struct sbx_error err = {0};

    error_set(&err, SBX_ERROR_SETUP, EPERM, NULL, NULL, "x");
    error_add_origin(&err, NULL);
    error_add_hint(&err, NULL);
    cr_expect_str_empty(err.origin);
    error_add_origin(&err, "first");
    error_add_origin(&err, "second");
    error_add_hint(&err, "one");
    error_add_hint(&err, "two");
    cr_expect_str_eq(err.origin, "first");
    cr_expect_str_eq(err.hint, "one");
}

Test(error, long_text_is_cut_with_dots)
{
    struct sbx_error err = {0};
    char text[2000];

    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    error_set(&err, SBX_ERROR_SETUP, EPERM, text, text, "%s", text);
    error_add_origin(&err, text);
    error_add_hint(&err, text);
    cr_expect_eq(strlen(err.message), sizeof(err.message) - 1);
    cr_expect_str_eq(err.message + sizeof(err.message) - 4, "...");
    cr_expect_str_eq(err.path + sizeof(err.path) - 4, "...");
    cr_expect_str_eq(err.operation + sizeof(err.operation) - 4, "...");
    cr_expect_str_eq(err.origin + sizeof(err.origin) - 4, "...");
    cr_expect_str_eq(err.hint + sizeof(err.hint) - 4, "...");
}

Test(error, text_copy_at_its_edges)
{
    char buffer[8] = "unset";

    text_copy(buffer, 0, "x");
    cr_expect_str_eq(buffer, "unset");
    text_copy(buffer, sizeof(buffer), "1234567");
    cr_expect_str_eq(buffer, "1234567");
    text_copy(buffer, sizeof(buffer), "12345678");
    cr_expect_str_eq(buffer, "1234...");
    text_copy(buffer, 4, "12345");
    cr_expect_str_eq(buffer, "123");
    text_copy(buffer, 1, "12345");
    cr_expect_str_empty(buffer);
}
