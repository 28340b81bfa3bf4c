# SPDX-License-Identifier: Apache-2.0
# What is installed, and where.  Docs.cmake adds man pages and completions.

include(CMakePackageConfigHelpers)

if(SBX_STATIC) # and the quick program, see Quick.cmake
    install(TARGETS sbx-full RUNTIME DESTINATION "${CMAKE_INSTALL_LIBEXECDIR}/sbx")
else()
    install(TARGETS sbx RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()
install(TARGETS libsbx EXPORT sbxTargets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/sbx" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

# Relative, so that it is right with `cmake --install --prefix` too.
file(RELATIVE_PATH prefix_from_pkgconfig
    "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file("${PROJECT_SOURCE_DIR}/cmake/sbx.pc.in" "${PROJECT_BINARY_DIR}/sbx.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/sbx.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/sbx")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/sbxConfig.cmake.in"
    "${PROJECT_BINARY_DIR}/sbxConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/sbxConfigVersion.cmake"
    COMPATIBILITY SameMinorVersion)
install(EXPORT sbxTargets NAMESPACE sbx:: DESTINATION "${package_dir}")
install(FILES "${PROJECT_BINARY_DIR}/sbxConfig.cmake"
    "${PROJECT_BINARY_DIR}/sbxConfigVersion.cmake" DESTINATION "${package_dir}")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/profiles/"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/sbx/profiles")
if(TARGET sbx-profiles)
    install(FILES "${profile_index}" DESTINATION "${CMAKE_INSTALL_DATADIR}/sbx/profiles")
endif()
