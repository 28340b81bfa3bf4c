# SPDX-License-Identifier: Apache-2.0
# Man pages from docs/man/: NAME.SECTION.scd as it is, NAME.SECTION.scd.in through docgen, which puts
# the options in.  Shell completions from the program itself.

set(docs_made)

find_program(SBX_SCDOC NAMES scdoc)
mark_as_advanced(SBX_SCDOC)
file(GLOB pages CONFIGURE_DEPENDS
    "${PROJECT_SOURCE_DIR}/docs/man/*.scd" "${PROJECT_SOURCE_DIR}/docs/man/*.scd.in")
if(pages AND NOT SBX_SCDOC)
    message(STATUS "scdoc is missing: no man pages")
    set(pages)
endif()
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/man" "${PROJECT_BINARY_DIR}/completion")
foreach(page IN LISTS pages)
    string(REGEX REPLACE "^.*/([^/]+)\\.([1-9])\\.scd(\\.in)?$" "\\1.\\2" name "${page}")
    string(REGEX REPLACE "^.*\\." "" section "${name}")
    set(made "${PROJECT_BINARY_DIR}/man/${name}")
    if(page MATCHES "\\.in$")
        if(NOT TARGET docgen)
            sbx_tool(docgen)
        endif()
        add_custom_command(OUTPUT "${made}.scd"
            COMMAND ${SBX_RUN_TOOL} $<TARGET_FILE:docgen> man "${page}" > "${made}.scd"
            DEPENDS docgen "${page}" VERBATIM)
        set(page "${made}.scd")
    endif()
    add_custom_command(OUTPUT "${made}"
        COMMAND "${SBX_SCDOC}" < "${page}" > "${made}"
        DEPENDS "${page}" COMMENT "Making ${name}" VERBATIM)
    list(APPEND docs_made "${made}")
    install(FILES "${made}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
endforeach()

# sbx_completion(SHELL FILE DESTINATION)
function(sbx_completion shell file destination)
    set(made "${PROJECT_BINARY_DIR}/completion/${file}")
    add_custom_command(OUTPUT "${made}"
        COMMAND ${SBX_RUN_TOOL} $<TARGET_FILE:${SBX_WHOLE}> completion ${shell} > "${made}"
        DEPENDS ${SBX_WHOLE} COMMENT "Making the completion for ${shell}" VERBATIM)
    set(docs_made ${docs_made} "${made}" PARENT_SCOPE)
    install(FILES "${made}" DESTINATION "${CMAKE_INSTALL_DATADIR}/${destination}")
endfunction()

sbx_completion(bash sbx bash-completion/completions)
sbx_completion(zsh _sbx zsh/site-functions)
sbx_completion(fish sbx.fish fish/vendor_completions.d)

add_custom_target(docs ALL DEPENDS ${docs_made})
