# SPDX-License-Identifier: Apache-2.0
# sbx-scope, the helper that asks systemd for a cgroup.  Without libsystemd there is none, and sbx
# says so where it would have needed it.

pkg_check_modules(SYSTEMD IMPORTED_TARGET libsystemd)
target_compile_definitions(sbx-kernel PRIVATE
    SBX_HELPER_DIR="${CMAKE_INSTALL_FULL_LIBEXECDIR}/sbx")

if(SYSTEMD_FOUND)
    file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/scope/*.c")
    add_executable(sbx-scope ${sources})
    target_compile_definitions(sbx-scope PRIVATE _GNU_SOURCE)
    target_include_directories(sbx-scope PRIVATE "${PROJECT_SOURCE_DIR}/src")
    target_link_libraries(sbx-scope PRIVATE sbx-flags PkgConfig::SYSTEMD)
    target_link_options(sbx-scope PRIVATE -pie)
    add_dependencies(${SBX_WHOLE} sbx-scope) # it looks for it beside itself
    install(TARGETS sbx-scope RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/sbx")
else()
    message(STATUS "libsystemd is missing: no sbx-scope (on Debian: libsystemd-dev)")
endif()
