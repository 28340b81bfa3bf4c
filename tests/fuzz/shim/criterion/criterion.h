/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Criterion's words for a fuzz target: the first expectation that does not hold ends the process.
 * So the fixtures and invariants of tests/plan/ are used as they are.
 */
#ifndef TESTS_FUZZ_CRITERION_H
#define TESTS_FUZZ_CRITERION_H

#include "fuzz/fuzz.h"

#define cr_expect(condition, ...)          CHECK(condition, __VA_ARGS__)
#define cr_expect_not(condition, ...)      CHECK(!(condition), __VA_ARGS__)
#define cr_expect_eq(left, right, ...)     CHECK((left) == (right), __VA_ARGS__)
#define cr_expect_neq(left, right, ...)    CHECK((left) != (right), __VA_ARGS__)
#define cr_expect_lt(left, right, ...)     CHECK((left) < (right), __VA_ARGS__)
#define cr_expect_leq(left, right, ...)    CHECK((left) <= (right), __VA_ARGS__)
#define cr_expect_gt(left, right, ...)     CHECK((left) > (right), __VA_ARGS__)
#define cr_expect_not_null(pointer, ...)   CHECK((pointer) != NULL, __VA_ARGS__)
#define cr_expect_str_eq(left, right, ...) CHECK(strcmp(left, right) == 0, __VA_ARGS__)
#define cr_expect_str_not_empty(text, ...) CHECK((text)[0] != '\0', __VA_ARGS__)

#define cr_assert           cr_expect
#define cr_assert_eq        cr_expect_eq
#define cr_assert_neq       cr_expect_neq
#define cr_assert_lt        cr_expect_lt
#define cr_assert_not_null  cr_expect_not_null
#define cr_assert_fail(...) CHECK(false, __VA_ARGS__)

#endif
