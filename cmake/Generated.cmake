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
    target_link_libraries(${name} PRIVATE sbx-flags sbx-headers sbx-tool-parts sbx-libraries)
    target_link_options(${name} PRIVATE -pie)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tools")
endfunction()

# A build is no place to look for leaks: where tracing is forbidden, as in many containers, the
# leak check itself fails.
set(SBX_RUN_TOOL "${CMAKE_COMMAND}" -E env ASAN_OPTIONS=detect_leaks=0)

# The system-call policies, compiled.
if(EXISTS "${PROJECT_SOURCE_DIR}/src/tools/policygen.c")
    sbx_tool(policygen)
    set(filters "${PROJECT_BINARY_DIR}/builtin_filters.c")
    add_custom_command(OUTPUT "${filters}"
        COMMAND ${SBX_RUN_TOOL} $<TARGET_FILE:policygen> > "${filters}.new"
        COMMAND "${CMAKE_COMMAND}" -E rename "${filters}.new" "${filters}"
        DEPENDS policygen COMMENT "Compiling the system-call policies" VERBATIM)
    add_library(sbx-filters OBJECT "${filters}")
    target_link_libraries(sbx-filters PRIVATE sbx-flags sbx-headers)
    list(APPEND SBX_OBJECTS $<TARGET_OBJECTS:sbx-filters>)
endif()

# The shipped profiles, read.
file(GLOB SBX_PROFILES CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/profiles/*.yaml")
sbx_tool(profiletables)
set(profile_tables "${PROJECT_BINARY_DIR}/builtin_profiles.c")
add_custom_command(OUTPUT "${profile_tables}"
    COMMAND ${SBX_RUN_TOOL} $<TARGET_FILE:profiletables> ${SBX_PROFILES} > "${profile_tables}.new"
    COMMAND "${CMAKE_COMMAND}" -E rename "${profile_tables}.new" "${profile_tables}"
    DEPENDS profiletables ${SBX_PROFILES} COMMENT "Reading the shipped profiles" VERBATIM)
add_library(sbx-builtin-profiles OBJECT "${profile_tables}")
target_link_libraries(sbx-builtin-profiles PRIVATE sbx-flags sbx-headers)
list(APPEND SBX_OBJECTS $<TARGET_OBJECTS:sbx-builtin-profiles>)
