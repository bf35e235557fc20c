# Everything the project finds outside itself. Nothing here touches the network: tools/setup fetches.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus QUIET)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(CURL REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(TIFF REQUIRED)
find_package(Freetype REQUIRED)
find_package(ZLIB REQUIRED)
# Only core and imgproc: Debian keeps OpenCVConfig.cmake in a package that pulls in everything, so look for the two by hand.
find_path(OPENCV_INCLUDE_DIR opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(OPENCV_CORE_LIBRARY opencv_core REQUIRED)
find_library(OPENCV_IMGPROC_LIBRARY opencv_imgproc REQUIRED)
add_library(avlm_opencv INTERFACE)
target_include_directories(avlm_opencv SYSTEM INTERFACE ${OPENCV_INCLUDE_DIR})
target_link_libraries(avlm_opencv INTERFACE ${OPENCV_IMGPROC_LIBRARY} ${OPENCV_CORE_LIBRARY})
find_package(PkgConfig REQUIRED)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(HTTPLIB REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(PROMETHEUS REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(HWY_CONTRIB REQUIRED IMPORTED_TARGET libhwy-contrib)  # its sort

# OpenVINO: any installed one that CMake finds, else the wheel that tools/setup unpacked.
find_package(OpenVINO QUIET COMPONENTS Runtime)
if(NOT OpenVINO_FOUND)
  file(GLOB _openvino_wheels "${CMAKE_SOURCE_DIR}/build/deps/openvino-*/openvino/cmake")
  find_package(OpenVINO COMPONENTS Runtime PATHS ${_openvino_wheels} NO_DEFAULT_PATH)
endif()
if(NOT OpenVINO_FOUND OR OpenVINO_VERSION VERSION_LESS 2024.6)
  message(FATAL_ERROR "OpenVINO 2024.6 or later was not found: run tools/setup, or give OpenVINO_DIR.")
endif()

if(ANOMALYVLM_WITH_TORCH)
  find_package(Torch REQUIRED)
  # Debian's targets carry the C++14 flag and OpenMP warnings of the build that made them; only headers and library matter here.
  add_library(avlm_torch INTERFACE)
  target_include_directories(avlm_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(avlm_torch INTERFACE ${TORCH_LIBRARIES})
  if(TARGET torch_cuda)  # a libtorch for NVIDIA GPUs, whose own CMake files have looked for nvcc
    set(ANOMALYVLM_CUDA ON)
    if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know that nvcc 13 has C++20
      set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
    endif()
  endif()
  # libtorch 2 brings an fmt of its own among its headers; the one that we link has to be met first.
  get_target_property(_fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include-roots/fmt)
  file(CREATE_LINK ${_fmt_include}/fmt ${CMAKE_BINARY_DIR}/include-roots/fmt/fmt SYMBOLIC)
  target_include_directories(avlm_torch INTERFACE ${CMAKE_BINARY_DIR}/include-roots/fmt)  # not SYSTEM: before those
endif()

if(ANOMALYVLM_BUILD_TESTS)
  find_package(GTest REQUIRED)
endif()
if(ANOMALYVLM_BUILD_BENCH)
  find_package(benchmark REQUIRED)
endif()
