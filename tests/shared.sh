#!/usr/bin/env bash
# One compiled library for everybody on a machine: two users who cannot write it run cells side by side,
# without compiling it and without leaving anything there; and so does somebody without a home. Needs an
# administrator, who makes the users and removes them again.
#
#     tests/shared.sh
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" != 0 ]; then
    echo "skipped: tests/shared.sh makes users, which takes an administrator"
    exit 0
fi

shared="$(mktemp -d /var/tmp/elbo-shared.XXXXXX)"
users=(elbo-test-ann elbo-test-bob)
cleanup() {
    for user in "${users[@]}"; do
        pkill -KILL -u "$user" 2>/dev/null || true
        userdel --remove "$user" 2>/dev/null || true
    done
    rm -rf "$shared"
}
trap cleanup EXIT
chmod 755 "$shared"

# What an administrator puts where everybody can read it: the toolchain, the program, the library's source
# code, and the compiled library.
cargo build --release --bin elbo
toolchain="$(rustc --print sysroot)"
cp -a --reflink=auto "$toolchain" "$shared/toolchain"
cp "${CARGO_TARGET_DIR:-target}/release/elbo" "$shared/elbo"
mkdir -p "$shared/source" "$shared/cache"
tar --exclude=./.git --exclude=./target -cf - . | tar -xf - -C "$shared/source"
own="${ELBO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/elbo}"
if [ -d "$own/prelude" ]; then
    cp -a --reflink=auto "$own/prelude" "$shared/cache/"
fi
export ELBO_CACHE="$shared/cache" ELBO_SOURCE="$shared/source"
"$shared/elbo" prepare
chmod -R go+rX "$shared"
touch "$shared/prepared"

cat >"$shared/cells.txt" <<'CELLS'
let digits = data::handwriting().writers(2).images::<28>();
let mut vae = Vae::<784, 2>::params().hidden([8]).build()?;
vae.fit(&digits, Fit::new().epochs(1))?;
println!("trained on {} images", digits.len());
CELLS

# as USER HOME: runs the cells as that user, who knows nothing of this one's environment.
as() {
    setpriv --reuid="$1" --regid="$1" --clear-groups \
        env -i PATH="$shared/toolchain/bin:/usr/bin:/bin" HOME="$2" TMPDIR=/tmp \
        ELBO_CACHE="$ELBO_CACHE" ELBO_SOURCE="$ELBO_SOURCE" \
        "$shared/elbo" repl <"$shared/cells.txt"
}

check() {
    if ! grep -q "trained on" "$1"; then
        echo "the cells did not run:" >&2
        cat "$1" >&2
        exit 1
    fi
    if grep -q "Compiling" "$1"; then
        echo "the library was compiled again:" >&2
        cat "$1" >&2
        exit 1
    fi
}

began=$(date +%s)
for user in "${users[@]}"; do
    useradd --create-home "$user"
    (cd / && as "$user" "/home/$user") >"$shared/$user.log" 2>&1 &
done
wait
for user in "${users[@]}"; do
    check "$shared/$user.log"
    if [ -z "$(ls "/home/$user/.cache/elbo")" ]; then
        echo "$user has no folder for sessions" >&2
        exit 1
    fi
done
echo "two users ran cells with one library, $(($(date +%s) - began)) s"

(cd / && as "${users[0]}" /nonexistent) >"$shared/homeless.log" 2>&1 || true
check "$shared/homeless.log"
echo "a user without a home ran cells"

left="$(find "$shared/cache" "$shared/source" -newer "$shared/prepared")"
if [ -n "$left" ]; then
    echo "users have written to what is only to be read: $left" >&2
    exit 1
fi
