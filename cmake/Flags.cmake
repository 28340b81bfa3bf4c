# SPDX-License-Identifier: Apache-2.0
# How C is compiled: the language, warnings, hardening, instruments.
#
#   sbx-flags     for everything that is compiled here
#   sbx-headers   what sources of src/ and their tests see

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON) # the build directory may be copied

# Assertions stay in: NDEBUG is not defined.
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g")
set(CMAKE_C_FLAGS_DEBUG "-Og -g3")
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Kind of build" FORCE)
endif()

set(SBX_WARNINGS -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2)

add_library(sbx-flags INTERFACE)
target_compile_options(sbx-flags INTERFACE
    ${SBX_WARNINGS} -fno-semantic-interposition -ffunction-sections -fdata-sections
    -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i.86)$")
    target_compile_options(sbx-flags INTERFACE -fcf-protection)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    target_compile_options(sbx-flags INTERFACE -mbranch-protection=standard)
endif()
target_link_options(sbx-flags INTERFACE
    LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack LINKER:--as-needed)

if(SBX_SANITIZE)
    target_compile_options(sbx-flags INTERFACE
        -fsanitize=${SBX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(sbx-flags INTERFACE -fsanitize=${SBX_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    # It needs optimisation, and the sanitizers know better.
    target_compile_options(sbx-flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(SBX_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "libFuzzer comes with clang: set CMAKE_C_COMPILER=clang")
    endif()
    target_compile_options(sbx-flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(SBX_COVERAGE)
    target_compile_options(sbx-flags INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(sbx-flags INTERFACE --coverage
        LINKER:-T,${PROJECT_SOURCE_DIR}/tests/coverage/counters.ld)
endif()
if(SBX_STATIC AND (SBX_SANITIZE OR SBX_COVERAGE))
    message(FATAL_ERROR "an instrumented build is a dynamic one: set SBX_STATIC=OFF")
endif()

add_library(sbx-headers INTERFACE)
target_compile_definitions(sbx-headers INTERFACE _GNU_SOURCE SBX_VERSION="${PROJECT_VERSION}")
target_include_directories(sbx-headers INTERFACE
    "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/src")
