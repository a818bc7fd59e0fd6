#!/bin/sh
# Makes the folder that every test host starts from: a Debian with systemd and the servers of a Galaxy site, none of
# them configured. The hosts have no way out to a mirror, so whatever a test installs must be in here.
# Changing a byte of this file makes a new image.
#   image.sh FOLDER RELEASE MIRROR
set -eu
folder=$1
release=$2
mirror=$3

debootstrap --variant=minbase \
  --include=systemd,systemd-sysv,dbus,python3,python3-apt,sudo,iproute2,openssh-server,ca-certificates,procps \
  "$release" "$folder" "$mirror"

# Nothing may start in a folder that is not booted.
printf '#!/bin/sh\nexit 101\n' > "$folder/usr/sbin/policy-rc.d"
chmod 755 "$folder/usr/sbin/policy-rc.d"
DEBIAN_FRONTEND=noninteractive chroot "$folder" apt-get install -y -q --no-install-recommends \
  nginx-light postgresql influxdb influxdb-client python3-psycopg2 curl logrotate acl iputils-ping
rm "$folder/usr/sbin/policy-rc.d"

# As on a cloud's Ubuntu: the user that operators log in as, who may become root.
chroot "$folder" useradd --create-home --shell /bin/bash ubuntu
echo 'ubuntu ALL=(ALL) NOPASSWD:ALL' > "$folder/etc/sudoers.d/ubuntu"
chmod 440 "$folder/etc/sudoers.d/ubuntu"

# A host gets its own identity when it is first booted.
rm -f "$folder"/etc/ssh/ssh_host_*
: > "$folder/etc/machine-id"
rm -f "$folder/var/lib/dbus/machine-id"
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer logrotate.timer e2scrub_all.timer \
  fstrim.timer console-getty.service getty.target systemd-networkd-wait-online.service; do
  ln -sf /dev/null "$folder/etc/systemd/system/$unit"
done
# Servers are started by whoever sets the site up.
chroot "$folder" systemctl disable -q nginx influxdb postgresql ssh 2>/dev/null
chroot "$folder" apt-get clean
rm -rf "$folder"/var/lib/apt/lists/* "$folder"/usr/share/doc/* "$folder"/usr/share/man/* "$folder"/usr/share/locale/*
