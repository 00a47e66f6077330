# Packages of Debian's newer suites, unpacked into folders of their own below "$servers" and not installed: this machine's apt and its
# libraries never see them. Sourced by install-servers. What the suites serve moves, so their lists are read anew by each run that
# unpacks something.

newer=$servers/new.apt

newer_apt() {
  if [ ! -d "$newer" ]; then
    mkdir -p "$newer/lists/partial" "$newer/cache/archives/partial"
    local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg suite
    mirror=$(grep -hoEm 1 'https?://[^ ]*/debian/?( |$)' /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
    mirror=${mirror%%[[:space:]]*}
    for suite in sid trixie; do
      echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main"
    done >"$newer/sources"
    # A mirror that has stood still for a while is as good.
    printf '%s "%s";\n' Acquire::Check-Valid-Until false Dir::Etc::sourcelist "$newer/sources" Dir::Etc::sourceparts - Dir::State::lists "$newer/lists" \
      Dir::Cache "$newer/cache" Dir::State::status /dev/null APT::Default-Release sid APT::Sandbox::User root >"$newer/config"
    apt-get -c "$newer/config" update -qq
  fi
  "$1" -c "$newer/config" "${@:2}"
}

# unpack FOLDER PACKAGE/SUITE…: into a new place, from which put_in_place takes it, so that a folder is there whole or not at all.
unpack() {
  local new=$servers/new.$1 package
  mkdir -p "$new/packages" "$new/root"
  (cd "$new/packages" && newer_apt apt-get download -qq "${@:2}" >/dev/null)
  for package in "$new"/packages/*.deb; do dpkg -x "$package" "$new/root"; done
}

put_in_place() {
  rm -rf "${servers:?}/$1"
  mv "$servers/new.$1/root" "$servers/$1"
}

# with_libraries PACKAGE…: these and the libraries that they need, as sid has them now. Without GDAL's, which are five times all the rest and
# which only parts of PostGIS use that DocumentDB does not; and without what a machine is set up with.
with_libraries() {
  newer_apt apt-get install -s --no-install-recommends "$@" | awk '/^Inst/ { print $2 }' | sort >"$newer/complete"
  newer_apt apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" |
    awk -v wanted="$*" '
      function add(name) { if (!(name in seen)) { seen[name] = 1; queue[++count] = name } }
      /^[^ ]/ { from = $1; next }
      { needs[from] = needs[from] " " $NF }
      END {
        some = split(wanted, names, " ")
        for (i = 1; i <= some; i++) add(names[i])
        for (at = 1; at <= count; at++) {
          print queue[at]
          some = split(needs[queue[at]], names, " ")
          for (i = 1; i <= some; i++)
            if (names[i] ~ /^(lib|zlib|postgresql-[0-9])/ && names[i] !~ /^lib(gdal|sfcgal|perl)/) add(names[i])
        }
      }' | sort | comm -12 "$newer/complete" -
}

# bind_to_own_libraries FOLDER PROGRAM…: sid's programs need a newer C library than this machine has; they are told to use the one that was
# unpacked beside them. Before put_in_place, and for that place.
bind_to_own_libraries() {
  local place=$servers/$1 libraries loader program
  libraries=$(libraries_of "$1")
  loader=$(basename "$(loader_of "$1")")
  for program in "${@:2}"; do
    patchelf_of "$1" --set-interpreter "$place/$libraries/$loader" "$program"
    patchelf_of "$1" --force-rpath --set-rpath "$place/$libraries:\$ORIGIN/../lib" "$program"
  done
}

# Run as they must be on a machine that has other libraries.
patchelf_of() {
  "$(loader_of "$1")" --library-path "$servers/new.$1/root/$(libraries_of "$1")" "$servers/new.$1/root/usr/bin/patchelf" "${@:2}"
}
loader_of() { find "$servers/new.$1/root/$(libraries_of "$1")" -name 'ld-linux*.so.*' -print -quit; }
libraries_of() { (cd "$servers/new.$1/root" && find usr/lib -maxdepth 1 -name '*-linux-gnu*' -print -quit); }
