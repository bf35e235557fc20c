# How targets are made in this project.
include_guard()

add_library(avlm_flags INTERFACE)
target_compile_options(avlm_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:C,CXX>:-Wall;-Wextra;-fno-math-errno;$<$<BOOL:${ANOMALYVLM_WERROR}>:-Werror>>")
if(ANOMALYVLM_ASAN)
  target_compile_options(avlm_flags INTERFACE -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(avlm_flags INTERFACE -fsanitize=address,undefined)
  target_sources(avlm_flags INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${CMAKE_SOURCE_DIR}/cmake/sanitized_openvino.c>)
endif()
if(ANOMALYVLM_FUZZ)  # our code tells the fuzzer which branches it took, and stops at the first misstep
  target_compile_options(avlm_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  target_link_options(avlm_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
endif()
target_include_directories(avlm_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src
                                                ${CMAKE_BINARY_DIR}/generated)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(LLD_PROGRAM ld.lld)
if(LLD_PROGRAM AND NOT ANOMALYVLM_FUZZ)
  add_link_options(-fuse-ld=lld)
endif()

# avlm_library(NAME SOURCES file... [DEPS target...] [PRIVATE_DEPS target...])
# One static library per folder of src: what a folder may include is what it links.
function(avlm_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC avlm_flags ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
endfunction()

# avlm_test(NAME SOURCES file... [DEPS target...] [LABELS label...])
# One GoogleTest program; its tests appear one by one in ctest.
function(avlm_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE avlm_flags ${ARG_DEPS} avlm_source_dir GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  if(ANOMALYVLM_ASAN AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -Wno-maybe-uninitialized)  # <regex> under sanitizers: GCC is mistaken
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bin)
  include(GoogleTest)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES PROPERTIES LABELS "unit;${ARG_LABELS}" TIMEOUT 300)
endfunction()
