# How targets are made in this project.
include_guard()

add_library(avlm_flags INTERFACE)
target_compile_options(avlm_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:C,CXX>:-Wall;-Wextra;-fno-math-errno;$<$<BOOL:${ANOMALYVLM_WERROR}>:-Werror>>")
set(sanitizers)
if(ANOMALYVLM_ASAN)
  set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=undefined)
elseif(ANOMALYVLM_TSAN)
  set(sanitizers -fsanitize=thread)
endif()
if(sanitizers)
  target_compile_options(avlm_flags INTERFACE ${sanitizers} -fno-omit-frame-pointer)
  target_link_options(avlm_flags INTERFACE ${sanitizers})
  target_sources(avlm_flags INTERFACE
    $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:${CMAKE_SOURCE_DIR}/cmake/sanitized_openvino.c>)
endif()
if(ANOMALYVLM_FUZZ)  # our code tells the fuzzer which branches it took, and stops at the first misstep
  target_compile_options(avlm_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
  target_link_options(avlm_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
endif()

# Most of a source's compile time goes into the standard library's headers: several sources of a target are compiled as
# one. So file-local names differ within a target; what cannot be joined says UNITY_BUILD OFF or SKIP_UNITY_BUILD_INCLUSION.
set(CMAKE_UNITY_BUILD ${ANOMALYVLM_UNITY})

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()
find_program(LLD_PROGRAM ld.lld)
if(LLD_PROGRAM AND NOT ANOMALYVLM_FUZZ)
  add_link_options(-fuse-ld=lld)
endif()

# avlm_library(NAME [SOURCES file...] [DEPS target...] [PRIVATE_DEPS target...] [HEADERS file...])
# One static library per folder of src (without SOURCES: headers alone). A target can include its own headers and those
# of what it links, and no others: its include directory, include-roots/NAME in the build tree, holds links to them.
# DEPS are needed by the headers, and so by everything that includes them; PRIVATE_DEPS only by the sources. Both must
# have been made before, so the order in src/CMakeLists.txt is the order of dependence.
# HEADERS: by default those of the folder and of the folders below it that have no CMakeLists.txt of their own.
function(avlm_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;PRIVATE_DEPS;HEADERS" ${ARGN})
  foreach(dependency IN LISTS ARG_DEPS ARG_PRIVATE_DEPS)
    if(NOT TARGET ${dependency})
      message(FATAL_ERROR "${name} cannot use ${dependency}: there is none, or it comes later (src/CMakeLists.txt).")
    endif()
  endforeach()
  if(NOT ARG_HEADERS)
    avlm_headers_of_folder(ARG_HEADERS)
  endif()
  set(root ${CMAKE_BINARY_DIR}/include-roots/${name})
  avlm_link_headers(${root} ${ARG_HEADERS})
  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC avlm_flags ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
    target_include_directories(${name} PUBLIC ${root})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE avlm_flags ${ARG_DEPS})
    target_include_directories(${name} INTERFACE ${root})
  endif()
endfunction()

# The headers that belong to the current folder's target.
function(avlm_headers_of_folder result)
  file(GLOB_RECURSE headers RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  set(own)
  foreach(header IN LISTS headers)
    get_filename_component(folder ${header} DIRECTORY)
    while(folder AND NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
      get_filename_component(folder "${folder}" DIRECTORY)
    endwhile()
    if(NOT folder)
      list(APPEND own ${header})
    endif()
  endforeach()
  set(${result} ${own} PARENT_SCOPE)
endfunction()

# Fills `root` with links to headers, by their paths below src.
function(avlm_link_headers root)
  file(REMOVE_RECURSE ${root})
  file(MAKE_DIRECTORY ${root})
  file(RELATIVE_PATH here ${CMAKE_SOURCE_DIR}/src ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(header IN LISTS ARGN)
    get_filename_component(folder ${root}/${here}/${header} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${root}/${here}/${header} SYMBOLIC)
  endforeach()
endfunction()

# avlm_test(NAME SOURCES file... [DEPS target...] [LABELS label...])
# One GoogleTest program; its tests appear one by one in ctest. The label "threads": what several threads do at once is
# a part of it, so that the preset tsan runs it. "cli": it starts the program, which the preset asan leaves out. The
# targets unit_tests and threads_tests build what these presets run.
add_custom_target(unit_tests)
add_custom_target(threads_tests)
function(avlm_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE avlm_flags ${ARG_DEPS} avlm_source_dir GTest::gmock GTest::gtest_main)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests)
  if(NOT "cli" IN_LIST ARG_LABELS)
    add_dependencies(unit_tests ${name})
  endif()
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(threads_tests ${name})
  endif()
  if(sanitizers AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${name} PRIVATE -Wno-maybe-uninitialized)  # <regex> under sanitizers: GCC is mistaken
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/bin)
  include(GoogleTest)
  list(JOIN ARG_LABELS "-" labels)  # one word, of which ctest -L takes a part: discovered tests cannot have several
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES PROPERTIES LABELS "unit-${labels}" TIMEOUT 300)
endfunction()

# avlm_fuzz(NAME SOURCES file... [DEPS target...] [CORPUS folder...] [OPTIONS libfuzzer_option...])
# One libFuzzer program, only in the preset fuzz. ctest runs it as fuzz.NAME for ANOMALYVLM_FUZZ_SECONDS, starting
# from the files in CORPUS; what it finds on its way is kept in build/fuzz/found/NAME and is gone with that folder.
set(ANOMALYVLM_FUZZ_SECONDS 20 CACHE STRING "How long ctest runs each fuzz target")
function(avlm_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;CORPUS;OPTIONS" ${ARGN})
  foreach(source IN LISTS ARG_SOURCES)
    set_property(GLOBAL APPEND PROPERTY AVLM_FUZZ_SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${source})
  endforeach()
  if(NOT ANOMALYVLM_FUZZ)
    return()
  endif()
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE avlm_flags ${ARG_DEPS})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets)
  endif()
  add_dependencies(fuzz_targets fuzz_${name})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/found/${name})
  add_test(NAME fuzz.${name} WORKING_DIRECTORY ${CMAKE_BINARY_DIR}
    COMMAND fuzz_${name} -seed=1 -max_total_time=${ANOMALYVLM_FUZZ_SECONDS} -rss_limit_mb=2048 -timeout=20 -verbosity=0
            -print_final_stats=1 -artifact_prefix=found/${name}. ${ARG_OPTIONS} found/${name} ${ARG_CORPUS})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 600)
endfunction()

# Every fuzz_*.cc below tests is one of avlm_fuzz's: called at the end of tests/CMakeLists.txt.
function(avlm_check_fuzz_sources)
  get_property(known GLOBAL PROPERTY AVLM_FUZZ_SOURCES)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/fuzz_*.cc)
  foreach(source IN LISTS sources)
    if(NOT source IN_LIST known)
      message(FATAL_ERROR "${source} is in no target: add it with avlm_fuzz().")
    endif()
  endforeach()
endfunction()
