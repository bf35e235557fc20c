# What `cmake --install` puts where: the program, one shared library with the public headers, the models, prompt
# files, the CMake package, and the OpenVINO runtime when it is the one that tools/setup unpacked.
include(CMakePackageConfigHelpers)

# The library as others link it. The static libraries whose functions the public headers declare go in whole.
add_library(anomalyvlm_shared SHARED ${CMAKE_SOURCE_DIR}/src/detector/shared.cc)
set_target_properties(anomalyvlm_shared PROPERTIES OUTPUT_NAME anomalyvlm EXPORT_NAME anomalyvlm
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_link_libraries(anomalyvlm_shared PRIVATE
  -Wl,--whole-archive avlm_detector avlm_methods avlm_results avlm_prompts avlm_image avlm_regions avlm_core -Wl,--no-whole-archive avlm_engines)
target_include_directories(anomalyvlm_shared PUBLIC
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
set(exported ${CMAKE_SOURCE_DIR}/src/detector/exported.map)
target_link_options(anomalyvlm_shared PRIVATE -Wl,--version-script=${exported})
set_target_properties(anomalyvlm_shared PROPERTIES LINK_DEPENDS ${exported})
target_compile_features(anomalyvlm_shared PUBLIC cxx_std_20)

# The build tree is laid out as an installation is (bin, lib, lib/anomalyvlm), so that both have the same RUNPATH.
# Were it changed by installing, CMake would pad the build tree's with empty elements: the current folder.
set(runtime_folder ${CMAKE_INSTALL_LIBDIR}/anomalyvlm)
set_target_properties(anomalyvlm_shared PROPERTIES INSTALL_RPATH "$ORIGIN;$ORIGIN/anomalyvlm"
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR})
set_target_properties(anomalyvlm PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/anomalyvlm")
set_target_properties(anomalyvlm anomalyvlm_shared PROPERTIES
  BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH_USE_LINK_PATH ON)
get_target_property(openvino_library openvino::runtime IMPORTED_LOCATION_RELEASE)
get_filename_component(openvino_folder ${openvino_library} DIRECTORY)
set(ANOMALYVLM_OPENVINO_BUNDLED OFF)
if(openvino_library MATCHES "^${CMAKE_SOURCE_DIR}/build/deps/")
  set(ANOMALYVLM_OPENVINO_BUNDLED ON)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR})
  file(CREATE_LINK ${openvino_folder} ${CMAKE_BINARY_DIR}/${runtime_folder} SYMBOLIC)
  install(DIRECTORY ${openvino_folder}/ DESTINATION ${runtime_folder} FILES_MATCHING
    PATTERN "libopenvino.so*" PATTERN "libopenvino_*_plugin.so" PATTERN "libopenvino_ir_frontend.so*"
    PATTERN "libtbb*.so*" PATTERN "libhwloc.so*" PATTERN "cache.json")
endif()

install(TARGETS anomalyvlm RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS anomalyvlm_shared EXPORT anomalyvlm LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/anomalyvlm DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/models DESTINATION ${CMAKE_INSTALL_DATADIR}/anomalyvlm)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/prompts DESTINATION ${CMAKE_INSTALL_DATADIR}/anomalyvlm)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/examples/images DESTINATION ${CMAKE_INSTALL_DATADIR}/anomalyvlm/examples)  # of the live page
install(FILES ${CMAKE_SOURCE_DIR}/packaging/anomalyvlm.service DESTINATION ${CMAKE_INSTALL_DATADIR}/anomalyvlm/systemd)

# Documents, and the licences of everything that the installed files contain.
set(doc_folder ${CMAKE_INSTALL_DATADIR}/doc/anomalyvlm)
foreach(name LICENSE NOTICE README.md CHANGELOG.md docs)
  if(IS_DIRECTORY ${CMAKE_SOURCE_DIR}/${name})
    install(DIRECTORY ${CMAKE_SOURCE_DIR}/${name} DESTINATION ${doc_folder})
  else()
    install(FILES ${CMAKE_SOURCE_DIR}/${name} DESTINATION ${doc_folder})
  endif()
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/cmake/licences.md DESTINATION ${doc_folder}/licences RENAME README.md)
foreach(package nlohmann-json3-dev libcli11-dev libcpp-httplib-dev libfmt-dev libhwy-dev prometheus-cpp-dev)  # headers that are compiled in
  if(EXISTS /usr/share/doc/${package}/copyright)
    install(FILES /usr/share/doc/${package}/copyright DESTINATION ${doc_folder}/licences RENAME ${package}.txt)
  endif()
endforeach()
if(ANOMALYVLM_OPENVINO_BUNDLED)
  file(GLOB licences ${openvino_folder}/../../*.dist-info/licenses/LICENSE
       ${openvino_folder}/../../*.dist-info/licenses/licensing/*.txt)
  if(NOT licences)
    message(FATAL_ERROR "The unpacked OpenVINO wheel has no licences: remove build/deps/openvino-* and run tools/setup.")
  endif()
  install(FILES ${licences} DESTINATION ${doc_folder}/licences/openvino)
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/anomalyvlm)
install(EXPORT anomalyvlm NAMESPACE anomalyvlm:: FILE anomalyvlmConfig.cmake DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/anomalyvlmConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/anomalyvlmConfigVersion.cmake DESTINATION ${package_folder})

# What was installed is noted there, with a script that removes just that: cmake -P PREFIX/share/anomalyvlm/uninstall.cmake
install(FILES ${CMAKE_SOURCE_DIR}/cmake/uninstall.cmake DESTINATION ${CMAKE_INSTALL_DATADIR}/anomalyvlm)
install(CODE "set(NOTED_IN \"${CMAKE_INSTALL_DATADIR}/anomalyvlm/installed-files.txt\")")
install(CODE [[
  list(TRANSFORM CMAKE_INSTALL_MANIFEST_FILES REPLACE "^${CMAKE_INSTALL_PREFIX}/" "" OUTPUT_VARIABLE installed_files)
  list(JOIN installed_files "\n" installed_files)
  file(WRITE "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/${NOTED_IN}" "${installed_files}\n")
]])
