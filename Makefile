# The course's commands. GNU make 3.81 (macOS) is enough.

CHAPTERS = 01-socket 02-bind 03-listen 04-accept 05-echo 06-client 07-http \
    08-fork
NUMBERS = 1 2 3 4 5 6 7 8

CC = cc
CFLAGS = -std=c99 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -O2 -g
# Library calls are bound at the start: not one by one, in every child anew.
ifeq ($(shell uname),Linux)
LDFLAGS = -Wl,-z,now
endif

# What changes how scripts run is not theirs to have.
unexport BASH_ENV CDPATH ENV GREP_OPTIONS POSIXLY_CORRECT
# A copy that came by way of Windows, perhaps: no script would run.
ifneq ($(shell grep -l "$$(printf '\r')" tests/common),)
$(error The lines of this copy end in CRLF: clone anew with git, in WSL)
endif

.PHONY: all help progress tour test bench matrix doctor clean FORCE

all: $(CHAPTERS:=/server) $(CHAPTERS:=/client) ## builds every stage
	@echo 'Built. See all eight alive: make tour. Then: make stage-1'

help: ## lists these commands
	@echo 'N is a chapter, from 1 to 8.'
	@awk -F ':.*## ' '/^[a-z(].*## / { \
	    gsub(/\$$\(1\)/, "N", $$1); sub(/%/, "N.M", $$1); \
	    printf "  make %-15s%s\n", $$1, $$2 }' Makefile
	@echo 'Begin with: make tour'

# The rules of chapter $(1), whose folder is $(2).
define chapter
.PHONY: stage-$(1) check-$(1) diff-$(1) trace-$(1)
stage-$(1): $(2)/server $(2)/client ## builds chapter N, says what to type next
	@bash tests/next $(1) $(2)
check-$(1): $(2)/server $(2)/client ## checks chapter N's own programs
	@bats --filter '^0$(1) ' tests/$(2).bats
	@echo 'Next: make exercise-$(1).0, or make trace-$(1)'
diff-$(1): ## shows what chapter N adds to the one before, in colour
	@bash tests/diff $(3)
	@echo 'Next: make stage-$(1)'
trace-$(1): $(2)/server $(2)/client ## shows both sides' system calls in time
	@bash tests/trace $(2) $(or $(word $(1),socket bind),listen)
	@echo 'Next: make check-$(1)'
endef
server = $(word $(1),/dev/null $(CHAPTERS:=/server.c))
before = $(if $(filter 6,$(1)),05-echo/client.c,$(call server,$(1)))
after = $(word $(1),$(CHAPTERS))/$(if $(filter 6,$(1)),client.c,server.c)
$(foreach n,$(NUMBERS),$(eval $(call chapter,$(n),$(word $(n),$(CHAPTERS)),\
    $(call before,$(n)) $(call after,$(n)))))

# Any other number.
stage-% check-% diff-% trace-%: FORCE
	@echo 'There is no chapter $*: the chapters are $(NUMBERS).' >&2; exit 2

exercise-%: FORCE ## starts exercise N.M, or builds and checks yours
	@bash tests/exercise try $*
watch-%: FORCE ## checks exercise N.M again at every save
	@bash tests/exercise watch $*
solution-%: FORCE ## shows the solution of exercise N.M, as a difference
	@bash tests/exercise solution $*
progress: ## shows what you have solved
	@bash tests/exercise progress

tour: all ## all eight stages, live, in under a minute
	@bash tests/tour

test: all ## checks everything, the solutions too
	@bash tests/all
	@bash tests/prove
	@echo 'All is well. Next: make tour'

bench: all ## measures 5, 7, 8 and their fastest exercises, for minutes
	@CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' bash tests/bench

matrix: ## (maintainers) the suite with other tools, in other places
	@bash tests/matrix $(CELLS)

doctor: ## says what is missing here, and how to install it
	@bash tests/doctor

clean: ## removes what make has built
	rm -f $(CHAPTERS:=/server) $(CHAPTERS:=/client)
	rm -rf 0*/*.dSYM 0*/solutions/*.dSYM
	rm -f tests/.sanitizers*
	for source in 0*/solutions/*.c; do rm -f "$${source%.c}"; done
	@echo 'Next: make'
