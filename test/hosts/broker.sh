#!/bin/sh
# Makes what the host of RabbitMQ has over the image of all hosts: Debian's rabbitmq-server and its Erlang. In a mount
# namespace of its own, because nothing that it mounts is to stay.
# Changing a byte of this file makes a new layer.
#   broker.sh IMAGE ARCHIVE
set -eu
image=$1
archive=$2
folder=/mnt

mount -t tmpfs tmpfs "$folder"
mkdir "$folder/image" "$folder/layer" "$folder/work" "$folder/root"
tar -C "$folder/image" --numeric-owner -xf "$image"
mount -t overlay -o "lowerdir=$folder/image,upperdir=$folder/layer,workdir=$folder/work" overlay "$folder/root"

# Nothing may start in a folder that is not booted.
printf '#!/bin/sh\nexit 101\n' > "$folder/root/usr/sbin/policy-rc.d"
chmod 755 "$folder/root/usr/sbin/policy-rc.d"
export DEBIAN_FRONTEND=noninteractive
chroot "$folder/root" apt-get update -q
chroot "$folder/root" apt-get install -y -q --no-install-recommends rabbitmq-server
rm "$folder/root/usr/sbin/policy-rc.d"

# Started by whoever sets the site up, under the name that the host has then.
chroot "$folder/root" systemctl disable -q rabbitmq-server epmd.service epmd.socket 2>/dev/null || true
rm -f "$folder/root/etc/machine-id" && : > "$folder/root/etc/machine-id"
chroot "$folder/root" apt-get clean
rm -rf "$folder"/root/var/lib/apt/lists/* "$folder"/root/usr/share/doc/* "$folder"/root/var/log/rabbitmq/*
umount "$folder/root"
tar -C "$folder/layer" --xattrs --xattrs-include='trusted.*' --zstd --numeric-owner -cf "$archive" .
