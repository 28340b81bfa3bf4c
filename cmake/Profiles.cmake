# SPDX-License-Identifier: Apache-2.0
# The shipped profiles, copied to where a program that was not installed looks for them: beside it.

target_compile_definitions(sbx-kernel PRIVATE
    SBX_PROFILE_DIR="${CMAKE_INSTALL_FULL_DATADIR}/sbx/profiles")

set(profiles_made)
file(GLOB profiles CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/profiles/*.yaml" "${PROJECT_SOURCE_DIR}/profiles/*.json")
foreach(profile IN LISTS profiles)
    cmake_path(GET profile FILENAME name)
    set(made "${PROJECT_BINARY_DIR}/share/sbx/profiles/${name}")
    add_custom_command(OUTPUT "${made}"
        COMMAND "${CMAKE_COMMAND}" -E copy "${profile}" "${made}"
        DEPENDS "${profile}" VERBATIM)
    list(APPEND profiles_made "${made}")
endforeach()

# Which of them has a program in its match: a run need not read them all.
sbx_tool(profilegen)
set(profile_index "${PROJECT_BINARY_DIR}/share/sbx/profiles/index")
add_custom_command(OUTPUT "${profile_index}"
    COMMAND ${SBX_RUN_TOOL} $<TARGET_FILE:profilegen> ${SBX_PROFILES} > "${profile_index}.new"
    COMMAND "${CMAKE_COMMAND}" -E rename "${profile_index}.new" "${profile_index}"
    DEPENDS profilegen ${SBX_PROFILES} COMMENT "Writing the index of profiles" VERBATIM)
list(APPEND profiles_made "${profile_index}")

add_custom_target(sbx-profiles ALL DEPENDS ${profiles_made})
add_dependencies(${SBX_WHOLE} sbx-profiles)
