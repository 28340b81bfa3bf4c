# SPDX-License-Identifier: Apache-2.0
# The libraries that sbx stands on.
#
#   sbx-libraries          as shared objects
#   sbx-libraries-static   as archives, for the static program
#   sbx-build-libraries    what only the tools of the build and the tests need

find_package(PkgConfig REQUIRED)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(CAPNG REQUIRED IMPORTED_TARGET libcap-ng)
pkg_check_modules(NL REQUIRED IMPORTED_TARGET libnl-3.0)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)

target_include_directories(sbx-headers SYSTEM INTERFACE
    ${SECCOMP_INCLUDE_DIRS} ${CAPNG_INCLUDE_DIRS} ${NL_INCLUDE_DIRS} ${JANSSON_INCLUDE_DIRS}
    ${YAML_INCLUDE_DIRS})

add_library(sbx-libraries INTERFACE)
target_link_libraries(sbx-libraries INTERFACE
    PkgConfig::SECCOMP PkgConfig::JANSSON PkgConfig::YAML)

add_library(sbx-build-libraries INTERFACE)
target_link_libraries(sbx-build-libraries INTERFACE PkgConfig::CAPNG PkgConfig::NL)

add_library(sbx-libraries-static INTERFACE)
if(SBX_STATIC)
    foreach(name IN ITEMS seccomp jansson yaml)
        find_library(SBX_ARCHIVE_${name} NAMES lib${name}.a)
        mark_as_advanced(SBX_ARCHIVE_${name})
        if(NOT SBX_ARCHIVE_${name})
            message(FATAL_ERROR "lib${name}.a is missing: install it, or set SBX_STATIC=OFF")
        endif()
        target_link_libraries(sbx-libraries-static INTERFACE "${SBX_ARCHIVE_${name}}")
    endforeach()
    target_link_libraries(sbx-libraries-static INTERFACE pthread m)
endif()
