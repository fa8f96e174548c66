#!/bin/sh
# Makes a container image without a shell in it: the program, the C library it was linked with, root certificates.
#     deploy/image.sh PROGRAM OUT
# writes OUT/rootfs (for the Containerfile beside this) and OUT/averment.oci.tar (for `podman load`, `docker load` and
# `skopeo copy oci-archive:`). Needs tar, gzip, sha256sum and ldd. The same program gives the same bytes.
set -eu

program=$1
out=$2
rootfs=$out/rootfs
layout=$out/oci
rm -rf "$rootfs" "$layout"
mkdir -p "$rootfs/usr/bin" "$rootfs/etc/ssl/certs" "$rootfs/etc/averment" "$rootfs/tmp" "$rootfs/var/lib/averment" "$layout/blobs/sha256"

cp "$program" "$rootfs/usr/bin/averment"
# Loader and libraries where the program looks for them. Since 2.34 the C library resolves names without further files.
ldd "$program" 2>/dev/null | grep -o '/[^ ]*' | sort -u | while read -r library; do
    mkdir -p "$rootfs$(dirname "$library")"
    cp -L "$library" "$rootfs$library"
done
cp -L /etc/ssl/certs/ca-certificates.crt "$rootfs/etc/ssl/certs/ca-certificates.crt"
printf 'averment:x:65532:65532::/var/lib/averment:/nonexistent\n' >"$rootfs/etc/passwd"
printf 'averment:x:65532:\n' >"$rootfs/etc/group"
printf 'hosts: files dns\n' >"$rootfs/etc/nsswitch.conf"
chmod 1777 "$rootfs/tmp"
chmod 0755 "$rootfs/usr/bin/averment"

# The OCI image layout by hand: a layer, a configuration, a manifest, an index, each under its digest.
digest() { sha256sum "$1" | cut -d' ' -f1; }
size() { wc -c <"$1" | tr -d ' '; }
keep() {
    name=$(digest "$1")
    mv "$1" "$layout/blobs/sha256/$name"
    echo "$name"
}

tar --sort=name --mtime=@0 --numeric-owner --owner=0 --group=0 -C "$rootfs" --exclude=./var/lib/averment -cf "$out/layer.tar" .
# The one folder that the program may write to belongs to its user.
tar --sort=name --mtime=@0 --numeric-owner --owner=65532 --group=65532 -C "$rootfs" -rf "$out/layer.tar" ./var/lib/averment
diff_id=$(digest "$out/layer.tar")
gzip -n9f "$out/layer.tar"
layer_size=$(size "$out/layer.tar.gz")
layer=$(keep "$out/layer.tar.gz")

case $(uname -m) in
x86_64) architecture=amd64 ;;
aarch64) architecture=arm64 ;;
*) architecture=$(uname -m) ;;
esac
cat >"$out/config.json" <<CONFIG
{"architecture":"$architecture","os":"linux","config":{"User":"65532:65532","WorkingDir":"/var/lib/averment","Env":["AVERMENT_LOG_FORMAT=json"],"ExposedPorts":{"4180/tcp":{},"4183/tcp":{}},"Volumes":{"/var/lib/averment":{}},"StopSignal":"SIGTERM","Entrypoint":["/usr/bin/averment"],"Cmd":["gate","/etc/averment/register","--settings","/etc/averment/settings.toml","--gate","0.0.0.0:4180","--data","/var/lib/averment/data","--keys","/var/lib/averment/keys"]},"rootfs":{"type":"layers","diff_ids":["sha256:$diff_id"]}}
CONFIG
config_size=$(size "$out/config.json")
config=$(keep "$out/config.json")
cat >"$out/manifest.json" <<MANIFEST
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:$config","size":$config_size},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:$layer","size":$layer_size}]}
MANIFEST
manifest_size=$(size "$out/manifest.json")
manifest=$(keep "$out/manifest.json")
printf '{"imageLayoutVersion":"1.0.0"}' >"$layout/oci-layout"
cat >"$layout/index.json" <<INDEX
{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:$manifest","size":$manifest_size,"annotations":{"org.opencontainers.image.ref.name":"averment:latest"}}]}
INDEX
tar --sort=name --mtime=@0 --numeric-owner --owner=0 --group=0 -C "$layout" -cf "$out/averment.oci.tar" oci-layout index.json blobs
echo "$out/averment.oci.tar  sha256:$manifest"
