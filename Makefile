# SPDX-License-Identifier: MIT
# Short names for the scripts; Meson builds.
.PHONY: help demo test check bench soak golden package dist site

help:
	@echo "make demo     build, and run an example twice on one SQLite file"
	@echo "make test     run every test, on SQLite and on a private PostgreSQL server"
	@echo "make check    check format and style, build without warnings, run unit tests"
	@echo "make bench    compare furrow with hand-written C"
	@echo "make soak     run the tests at full size, for more than an hour"
	@echo "make package  build the Debian packages, and install and remove them in a new system"
	@echo "make dist     make a release tarball, and build it"
	@echo "make site     build the web site: the manuals and the reference"
	@echo "make golden   write the expected output of the model compiler anew"

demo test check bench soak golden package dist site:
	@./script/$@
