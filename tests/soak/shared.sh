# SPDX-License-Identifier: MIT
# What several scripts of this folder use; read with `.`.

# The options that Debian's SQLite has and furrow uses.
sqlite_options="-DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_STAT4 -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE
    -DSQLITE_ENABLE_LOAD_EXTENSION -DSQLITE_SECURE_DELETE -DSQLITE_ENABLE_UNLOCK_NOTIFY -DSQLITE_THREADSAFE=1"

# Makes a folder that apt uses instead of the system's, with APT_CONFIG=FOLDER/apt.conf. It has no packages.
write_apt_configuration() { # folder, deb or deb-src, architecture
    for part in var/lib/apt/lists/partial var/cache/apt/archives/partial var/lib/dpkg var/log/apt \
        etc/apt/apt.conf.d etc/apt/preferences.d; do
        mkdir -p "$1/$part"
    done
    : >"$1/var/lib/dpkg/status"
    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    apt-get indextargets --format "$2 [signed-by=$keys] \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
        "Created-By: Packages" "Origin: Debian" "Component: main" | grep -v -e '-security' -e '-updates' |
        sort -u >"$1/etc/apt/sources.list"
    cat >"$1/apt.conf" <<END
Dir "$1";
APT::Architecture "$3";
APT::Architectures { "$3"; };
END
}
