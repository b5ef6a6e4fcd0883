# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034 # for the tests
# Loaded by every file of tests/delivery.

TOP=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
: "${BUILD:=$TOP/build}"
CORONER=${CORONER:-$BUILD/coroner}
CORONER_STATIC=${CORONER_STATIC:-$BUILD/coroner-static}
ZOO=${ZOO:-$BUILD/zoo}
export NO_COLOR=1
