# SPDX-License-Identifier: Apache-2.0
# The quick program, `sbx`: the sources of the whole one, `sbx-full`, but for what stands on a library,
# with musl.  See src/base/whole.h.  Like the init program it is always made by the same compiler.

find_file(SBX_MUSL_START NAMES rcrt1.o
    PATHS /usr/lib/${CMAKE_SYSTEM_PROCESSOR}-linux-musl /usr/local/musl/lib NO_DEFAULT_PATH REQUIRED
    DOC "musl's start of a static position-independent program")
mark_as_advanced(SBX_MUSL_START)
cmake_path(GET SBX_MUSL_START PARENT_PATH musl_library)
foreach(part IN ITEMS crtbeginS.o crtendS.o)
    execute_process(COMMAND "${SBX_MUSL_GCC}" -print-file-name=${part}
        OUTPUT_VARIABLE musl_${part} OUTPUT_STRIP_TRAILING_WHITESPACE)
endforeach()

file(GLOB quick_sources CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/src/base/*.c" "${PROJECT_SOURCE_DIR}/src/kernel/*.c"
    "${PROJECT_SOURCE_DIR}/src/policy/*.c" "${PROJECT_SOURCE_DIR}/src/run/*.c"
    "${PROJECT_SOURCE_DIR}/src/lib/*.c" "${PROJECT_SOURCE_DIR}/src/cli/*.c"
    "${PROJECT_SOURCE_DIR}/src/musl/*.c" "${PROJECT_SOURCE_DIR}/src/quick/*.c")
# What src/quick/ stands in for, and what only that is reached from.
list(FILTER quick_sources EXCLUDE REGEX
    "/src/(base/whole|kernel/seccomp|policy/profile_(entry|node|read|section|syntax|when|write|yaml)|run/(attest_json|json|plan_print|report_text)|lib/(doctor_json|fs_json|profile_schema|running)|cli/(main|cmd_help))\\.c$")

sbx_tool(namegen)
set(names "${PROJECT_BINARY_DIR}/builtin_names.c")
add_custom_command(OUTPUT "${names}"
    COMMAND ${SBX_RUN_TOOL} $<TARGET_FILE:namegen> > "${names}.new"
    COMMAND "${CMAKE_COMMAND}" -E rename "${names}.new" "${names}"
    DEPENDS namegen COMMENT "Listing the names of errors and signals" VERBATIM)
list(APPEND quick_sources "${names}" "${SBX_INIT_IMAGE_SOURCE}" ${SBX_GENERATED})

set(quick_flags -std=gnu17 -D_GNU_SOURCE -Os -g -fPIE ${SBX_WARNINGS}
    -fstack-protector-strong -fstack-clash-protection -ffunction-sections -fdata-sections
    -D "SBX_VERSION=\"${PROJECT_VERSION}\""
    -D "SBX_PROFILE_DIR=\"${CMAKE_INSTALL_FULL_DATADIR}/sbx/profiles\""
    -D "SBX_HELPER_DIR=\"${CMAKE_INSTALL_FULL_LIBEXECDIR}/sbx\""
    -isystem "${PROJECT_SOURCE_DIR}/src/musl" -isystem "${kernel_headers}"
    -I "${PROJECT_SOURCE_DIR}/include" -I "${PROJECT_SOURCE_DIR}/src")
if(CMAKE_COMPILE_WARNING_AS_ERROR)
    list(APPEND quick_flags -Werror)
endif()

# An object for each, as for any other target; all of them in an archive, of which the linker takes
# what main() reaches.
set(quick_objects)
foreach(source IN LISTS quick_sources)
    cmake_path(GET source PARENT_PATH folder)
    cmake_path(GET folder FILENAME folder)
    cmake_path(GET source STEM name)
    set(object "${PROJECT_BINARY_DIR}/quick/${folder}-${name}.o")
    get_source_file_property(more "${source}" OBJECT_DEPENDS)
    if(NOT more)
        set(more)
    endif()
    add_custom_command(OUTPUT "${object}"
        COMMAND "${SBX_MUSL_GCC}" ${quick_flags} -MD -MF "${object}.d" -c "${source}" -o "${object}"
        DEPENDS "${source}" ${more} DEPFILE "${object}.d" COMMENT "Compiling ${folder}/${name}.c with musl"
        VERBATIM)
    list(APPEND quick_objects "${object}")
endforeach()
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/quick")
set(archive "${PROJECT_BINARY_DIR}/quick/parts.a")
add_custom_command(OUTPUT "${archive}"
    COMMAND "${CMAKE_COMMAND}" -E rm -f "${archive}"
    COMMAND "${CMAKE_AR}" rcs "${archive}" ${quick_objects}
    DEPENDS ${quick_objects} VERBATIM)
set(SBX_QUICK "${PROJECT_BINARY_DIR}/sbx")
add_custom_command(OUTPUT "${SBX_QUICK}"
    COMMAND "${SBX_MUSL_GCC}" -static -nostartfiles
        "-Wl,-pie,--no-dynamic-linker,--gc-sections,-z,text,-z,relro,-z,now,-z,noexecstack"
        "${SBX_MUSL_START}" "${musl_library}/crti.o" "${musl_crtbeginS.o}"
        "${PROJECT_BINARY_DIR}/quick/quick-main.o" "${archive}"
        "${musl_crtendS.o}" "${musl_library}/crtn.o" -o "${SBX_QUICK}"
    DEPENDS "${archive}" COMMENT "Linking sbx with musl" VERBATIM)
add_custom_target(sbx-quick ALL DEPENDS "${SBX_QUICK}")
add_dependencies(sbx-full sbx-quick)
install(PROGRAMS "${SBX_QUICK}" DESTINATION "${CMAKE_INSTALL_BINDIR}")
