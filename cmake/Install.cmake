# What `cmake --install` puts where: the program, one shared library with the public headers, the models, prompt
# files, the CMake package, and the OpenVINO runtime when it is the one that tools/setup unpacked.
include(CMakePackageConfigHelpers)

# The library as others link it. The static libraries whose functions the public headers declare go in whole.
add_library(anomalyvlm_shared SHARED ${CMAKE_SOURCE_DIR}/src/detector/shared.cc)
set_target_properties(anomalyvlm_shared PROPERTIES OUTPUT_NAME anomalyvlm EXPORT_NAME anomalyvlm
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_link_libraries(anomalyvlm_shared PRIVATE
  -Wl,--whole-archive avlm_detector avlm_pipeline avlm_prompts avlm_image -Wl,--no-whole-archive avlm_engines)
target_include_directories(anomalyvlm_shared PUBLIC
  $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(anomalyvlm_shared PUBLIC cxx_std_20)

set(runtime_folder ${CMAKE_INSTALL_LIBDIR}/anomalyvlm)
set_target_properties(anomalyvlm_shared PROPERTIES INSTALL_RPATH "$ORIGIN;$ORIGIN/anomalyvlm")
set_target_properties(anomalyvlm PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/anomalyvlm")
get_target_property(openvino_library openvino::runtime IMPORTED_LOCATION_RELEASE)
if(openvino_library MATCHES "^${CMAKE_SOURCE_DIR}/build/deps/")
  get_filename_component(openvino_folder ${openvino_library} DIRECTORY)
  install(DIRECTORY ${openvino_folder}/ DESTINATION ${runtime_folder} FILES_MATCHING
    PATTERN "libopenvino.so*" PATTERN "libopenvino_*_plugin.so" PATTERN "libopenvino_ir_frontend.so*"
    PATTERN "libtbb*.so*" PATTERN "libhwloc.so*" PATTERN "cache.json")
endif()

install(TARGETS anomalyvlm RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS anomalyvlm_shared EXPORT anomalyvlm LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/anomalyvlm DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/models DESTINATION ${CMAKE_INSTALL_DATADIR}/anomalyvlm)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/prompts DESTINATION ${CMAKE_INSTALL_DATADIR}/anomalyvlm)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/NOTICE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/anomalyvlm)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/anomalyvlm)
install(EXPORT anomalyvlm NAMESPACE anomalyvlm:: FILE anomalyvlmConfig.cmake DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/anomalyvlmConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/anomalyvlmConfigVersion.cmake DESTINATION ${package_folder})
