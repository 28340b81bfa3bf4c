/* SPDX-License-Identifier: Apache-2.0 */
#include "run/json.h"

#include "base/cleanup.h"

#include <criterion/criterion.h>
#include <string.h>

static void expect(const char *text, const char *expected)
{
    json_t *string = json_text(text);

    cr_assert(json_is_string(string));
    cr_expect_str_eq(json_string_value(string), expected);
    json_decref(string);
}

Test(json, utf8_stays_as_it_is)
{
    expect("", "");
    expect("plain", "plain");
    expect("caf\303\251 \342\202\254 \360\237\230\200",
           "caf\303\251 \342\202\254 \360\237\230\200");
    expect("back\\slash \"quote\"", "back\\slash \"quote\"");
    expect("line\nbreak\t\001\177", "line\nbreak\t\001\177");
}

Test(json, other_bytes_are_written_as_hexadecimal)
{
    expect("\377", "\\xff");
    expect("a\377b", "a\\xffb");
    expect("\303", "\\xc3");                            /* cut short */
    expect("\251x", "\\xa9x");                          /* a continuation without a start */
    expect("\300\257", "\\xc0\\xaf");                   /* '/' in two bytes */
    expect("\355\240\200", "\\xed\\xa0\\x80");          /* a surrogate */
    expect("\364\220\200\200", "\\xf4\\x90\\x80\\x80"); /* past the last character */
    expect("caf\303\251\377", "caf\\xc3\\xa9\\xff");    /* then all of the text */
}

Test(json, null_is_null)
{
    json_t *null = json_text(NULL);

    cr_expect(json_is_null(null));
    json_decref(null);
}

Test(json, a_long_text_of_bad_bytes)
{
    enum { LENGTH = 10000 };
    char text[LENGTH + 1];
    json_t *string;

    memset(text, 0x80, LENGTH);
    text[LENGTH] = '\0';
    string = json_text(text);
    cr_assert(json_is_string(string));
    cr_expect_eq(json_string_length(string), (size_t)LENGTH * 4);
    json_decref(string);
}

/* Control characters must not reach a terminal through the output. */
Test(json, what_is_printed_has_no_control_characters)
{
    json_t *string = json_text("\033[31m\n\001\177");
    _cleanup_free_ char *text = json_dumps(string, JSON_ENCODE_ANY);

    cr_assert_not_null(text);
    for (const char *byte = text; *byte != '\0'; byte++)
        cr_expect((unsigned char)*byte >= 0x20, "%s", text);
    json_decref(string);
}

Test(json, a_key_may_hold_any_bytes)
{
    json_t *object = json_object();

    cr_assert_eq(json_set_text_key(object, "tmpfs:/a\377b", json_text("tmpfs")), 0);
    cr_assert_eq(json_set_text_key(object, "plain", json_integer(1)), 0);
    cr_expect_eq(json_object_size(object), 2);
    cr_expect_str_eq(json_string_value(json_object_get(object, "tmpfs:/a\\xffb")), "tmpfs");
    cr_expect_eq(json_integer_value(json_object_get(object, "plain")), 1);
    json_decref(object);
}
