# SPDX-License-Identifier: MIT
# Thin names for script/*; the build is meson's.
.PHONY: help demo test check bench soak golden

help:
	@echo "make demo    build, and see rows survive in a SQLite file"
	@echo "make test    every test, on SQLite and on a private PostgreSQL"
	@echo "make check   format, tidy, warnings, unit tests"
	@echo "make bench   furrow against hand-written C"
	@echo "make soak    the long tests at full size"
	@echo "make golden  write the generator's expected output anew"

demo test check bench soak golden:
	@./script/$@
