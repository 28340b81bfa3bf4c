#!/usr/bin/env bats
# written by the helper "slow" (in work; not yours, clitests)
