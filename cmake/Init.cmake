# SPDX-License-Identifier: Apache-2.0
# The init program: a static executable, always made in the same way, whatever the preset and the
# compiler of everything else; then embedded as bytes into layer "run".
#
# Sets SBX_INIT_IMAGE_SOURCE, a C file that defines what src/run/init_image.h declares.

find_program(SBX_MUSL_GCC NAMES musl-gcc ${CMAKE_SYSTEM_PROCESSOR}-linux-musl-gcc REQUIRED
    DOC "A gcc that links with musl: it makes the init program")
find_program(SBX_STRIP NAMES strip REQUIRED)
mark_as_advanced(SBX_MUSL_GCC SBX_STRIP)

# musl-gcc sees nothing of /usr/include, for that is glibc's.  The kernel's headers there are free
# of any libc: links show it these and nothing else.
find_path(SBX_LINUX_HEADERS NAMES linux/filter.h REQUIRED)
find_path(SBX_ASM_HEADERS NAMES asm/unistd.h REQUIRED)
mark_as_advanced(SBX_LINUX_HEADERS SBX_ASM_HEADERS)
set(kernel_headers "${PROJECT_BINARY_DIR}/kernel-headers")
file(MAKE_DIRECTORY "${kernel_headers}")
file(CREATE_LINK "${SBX_LINUX_HEADERS}/linux" "${kernel_headers}/linux" SYMBOLIC)
file(CREATE_LINK "${SBX_LINUX_HEADERS}/asm-generic" "${kernel_headers}/asm-generic" SYMBOLIC)
file(CREATE_LINK "${SBX_ASM_HEADERS}/asm" "${kernel_headers}/asm" SYMBOLIC)

set(init_flags -std=gnu17 -D_GNU_SOURCE -Os ${SBX_WARNINGS}
    -fstack-protector-strong -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
    -isystem "${kernel_headers}" -I "${PROJECT_SOURCE_DIR}/src")
if(CMAKE_COMPILE_WARNING_AS_ERROR)
    list(APPEND init_flags -Werror)
endif()
# One segment less to map and page in for each: the exec of a small program takes half the pages.
set(init_link_flags -static -Wl,--gc-sections,--build-id=none,-z,noexecstack,-z,noseparate-code)

file(GLOB init_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/init/*.c")
file(GLOB init_headers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/init/*.h")
set(init_program "${PROJECT_BINARY_DIR}/sbx-init")
add_custom_command(OUTPUT "${init_program}"
    COMMAND "${SBX_MUSL_GCC}" ${init_flags} ${init_sources} ${init_link_flags} -o "${init_program}"
    COMMAND "${SBX_STRIP}" --strip-all --remove-section=.comment "${init_program}"
    DEPENDS ${init_sources} ${init_headers}
    COMMENT "Building the init program" VERBATIM)

set(init_image_section [[.rodata.sbx_init_image, \"a\"]])
set(SBX_INIT_IMAGE_SOURCE "${PROJECT_BINARY_DIR}/init_image.c")
configure_file("${PROJECT_SOURCE_DIR}/cmake/init_image.c.in" "${SBX_INIT_IMAGE_SOURCE}" @ONLY)
set_source_files_properties("${SBX_INIT_IMAGE_SOURCE}" PROPERTIES OBJECT_DEPENDS "${init_program}")
