# The course's commands. GNU make 3.81 (macOS) is enough.

CHAPTERS = 01-socket 02-bind 03-listen 04-accept 05-echo 06-client 07-http \
    08-fork
PROGRAMS = $(CHAPTERS:=/server) $(CHAPTERS:=/client)

CC = cc
CFLAGS = -std=c99 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -O2 -g
# Library calls are bound at the start: not one by one, in every child anew.
ifeq ($(shell uname),Linux)
LDFLAGS = -Wl,-z,now
endif

# What changes how scripts run is not theirs to have.
unexport BASH_ENV CDPATH ENV GREP_OPTIONS POSIXLY_CORRECT
# A copy that came by way of Windows, perhaps: no script would run.
ifneq ($(shell GREP_OPTIONS= grep -l "$$(printf '\r')" \
    tests/helpers/common.bash),)
$(error The lines of this copy end in CRLF: clone anew with git, in WSL)
endif

.PHONY: all help progress tour test versus bench prove matrix doctor clean \
    FORCE

all: $(PROGRAMS) ## builds every stage
	@echo 'Built. See all eight alive: make tour. Then: make stage-1'

help: ## lists these commands
	@echo 'N is a chapter, from 1 to 8, N.M one of its exercises.'
	@awk -F ':.*## ' '/^[a-z-]+[%:].*## / { number = ""; \
	    if (match($$2, /^N[^:]*: /)) number = substr($$2, 1, RLENGTH - 2); \
	    $$2 = substr($$2, number ? RLENGTH + 1 : 1); \
	    sub(/, N\.M/, "[.M]", number); sub(/%/, number, $$1); \
	    printf "  make %-14s%s\n", $$1, $$2 }' Makefile
	@echo 'Begin with: make tour'

tour: $(PROGRAMS) ## all eight stages, live
	@bash tests/tools/tour

stage-%: $(PROGRAMS) FORCE ## N: what to read, run and try (7: RUNG=1 to 10)
	@bash tests/tools/stage $*
check-%: $(PROGRAMS) FORCE ## N: checks the chapter's own programs
	@bash tests/tools/exercise $*
diff-%: FORCE ## N, N.M: what is new, in a chapter or in my program
	@bash tests/tools/diff $*
trace-%: $(PROGRAMS) FORCE ## N, N.M: both sides' system calls (DRAW=1: drawn)
	@bash tests/tools/trace $*
look-%: $(PROGRAMS) FORCE ## N: what its programs hold in the kernel, live
	@bash tests/tools/look $*
try-%: FORCE ## NAME: makes a chapter's changed program, shows what differs
	@bash tests/tools/try $*
exercise-%: $(PROGRAMS) FORCE ## N.M: begins it, or builds mine and checks it
	@bash tests/tools/exercise $*
watch-%: $(PROGRAMS) FORCE ## N.M: checks mine again at every save
	@bash tests/tools/watch $*
run-%: FORCE ## N.M: runs mine here, with ARGS as its arguments
	@bash tests/tools/run $*
hint-%: FORCE ## N.M: the next hint
	@bash tests/tools/hint $*
solution-%: FORCE ## N.M: the solution, as a difference
	@bash tests/tools/solution $*
progress: ## what is solved, and what is next
	@bash tests/tools/progress

test: $(PROGRAMS) ## checks everything, the solutions too
	@bash tests/course/run
	@echo 'All is well. Next: make tour'

versus: $(PROGRAMS) ## my green programs beside nginx and others, in bars
	@CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' bash tests/tools/versus

bench: $(PROGRAMS) ## measures 5, 7, 8 and their fastest exercises, for minutes
	@CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' bash tests/tools/bench

prove: $(PROGRAMS) ## (maintainers) that the checks are worth something
	@bash tests/course/prove

matrix: ## (maintainers) the suite with other tools, in other places
	@bash tests/course/matrix $(CELLS)

doctor: ## what is missing here, and how to install it
	@bash tests/tools/doctor

clean: ## removes what make has built
	rm -f $(PROGRAMS) tests/.sanitizers*
	rm -rf 0*/*.dSYM 0*/solutions/*.dSYM
	for source in 0*/solutions/*.c 0*/steps/*.c; do rm -f "$${source%.c}"; done
	@echo 'Next: make'
