# SPDX-License-Identifier: MIT
"""Installs furrow for the tests of the suite, and makes the environment of a person who uses that copy."""
import fcntl
import os
import subprocess

# What would change how examples are built.
UNWANTED = ("CFLAGS", "LDFLAGS", "CPPFLAGS", "MAKEFLAGS", "MFLAGS", "MAKELEVEL", "DESTDIR", "FURROW_URL")


def run(command, environment):
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}\n0 passed, 1 failed")


def install(source, folder):
    """Builds furrow in folder/build and installs it into folder/prefix, which it returns. Tests that run
    at the same time wait for each other here. The flags of the tests' own build may contain sanitizers,
    which the installed copy must not need."""
    os.makedirs(folder, exist_ok=True)
    build, prefix = os.path.join(folder, "build"), os.path.join(folder, "prefix")
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    with open(os.path.join(folder, "lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(build, "build.ninja")):
            run(["meson", "setup", "--buildtype", "release", "--prefix", prefix, "--libdir", "lib", build,
                 source], environment)
        run(["ninja", "-C", build], environment)
        run(["meson", "install", "-C", build, "--no-rebuild", "--only-changed"], environment)
    return prefix


def environment_with(prefix, home):
    """The environment of a person who has installed furrow into this prefix."""
    environment = {name: value for name, value in os.environ.items()
                   if name not in UNWANTED + ("CC", "FURROW_DOCS_FOLDER")
                   and not name.startswith(("FURROW_TEST_", "MESON_"))}
    environment["PATH"] = os.path.join(prefix, "bin") + os.pathsep + environment.get("PATH", "/usr/bin:/bin")
    library = os.path.join(prefix, "lib")
    environment.update(PKG_CONFIG_PATH=os.path.join(library, "pkgconfig"), LD_LIBRARY_PATH=library,
                       CMAKE_PREFIX_PATH=prefix, HOME=home, LC_ALL="C.UTF-8", TERM="dumb", TZ="UTC")
    return environment
