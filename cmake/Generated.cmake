# SPDX-License-Identifier: Apache-2.0
# C that a program of src/tools/ prints at build time.
#
# These programs are linked from an archive of the layers below, so that each takes only the
# objects that it needs: policygen must not need what it is about to make.

set(tool_objects)
foreach(layer IN ITEMS base kernel policy)
    if(TARGET sbx-${layer})
        list(APPEND tool_objects $<TARGET_OBJECTS:sbx-${layer}>)
    endif()
endforeach()

# sbx_tool(NAME): the host program NAME, from src/tools/NAME.c.
function(sbx_tool name)
    if(NOT TARGET sbx-tool-parts)
        add_library(sbx-tool-parts STATIC EXCLUDE_FROM_ALL ${tool_objects})
        set_target_properties(sbx-tool-parts PROPERTIES LINKER_LANGUAGE C)
    endif()
    add_executable(${name} EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/src/tools/${name}.c")
    target_link_libraries(${name} PRIVATE sbx-flags sbx-headers sbx-tool-parts sbx-libraries
        sbx-build-libraries)
    target_link_options(${name} PRIVATE -pie)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tools")
endfunction()

# A build is no place to look for leaks: where tracing is forbidden, as in many containers, the
# leak check itself fails.
set(SBX_RUN_TOOL "${CMAKE_COMMAND}" -E env ASAN_OPTIONS=detect_leaks=0)

# sbx_generated(FILE TOOL COMMENT [ARGUMENT...]): FILE, C that TOOL prints; its object joins
# SBX_OBJECTS, its path SBX_GENERATED.  ARGUMENTs are files.
macro(sbx_generated file tool comment)
    set(made "${PROJECT_BINARY_DIR}/${file}")
    sbx_tool(${tool})
    add_custom_command(OUTPUT "${made}"
        COMMAND ${SBX_RUN_TOOL} $<TARGET_FILE:${tool}> ${ARGN} > "${made}.new"
        COMMAND "${CMAKE_COMMAND}" -E rename "${made}.new" "${made}"
        DEPENDS ${tool} ${ARGN} COMMENT "${comment}" VERBATIM)
    add_library(sbx-of-${tool} OBJECT "${made}")
    target_link_libraries(sbx-of-${tool} PRIVATE sbx-flags sbx-headers)
    list(APPEND SBX_OBJECTS $<TARGET_OBJECTS:sbx-of-${tool}>)
    list(APPEND SBX_GENERATED "${made}")
endmacro()

file(GLOB SBX_PROFILES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/profiles/*.yaml")

set(SBX_GENERATED)
sbx_generated(builtin_filters.c policygen "Compiling the system-call policies")
sbx_generated(builtin_netlink.c netlinkgen "Making messages to the kernel's network")
sbx_generated(builtin_profiles.c profiletables "Reading the shipped profiles" ${SBX_PROFILES})
