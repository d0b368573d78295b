#!/bin/sh
# init.sh ROOT [DISK_MB]: the first process of a test's machine, in namespaces of its own.
# With DISK_MB the machine's tree is copied onto a disk of its size and so many megabytes more.
set -eu
root=$1
if [ -n "${2:-}" ]; then
    used=$(du -sm "$root" | cut -f1)
    mount -t tmpfs -o "size=$((used + $2))m,mode=755" tmpfs /mnt
    cp -a "$root/." /mnt
    root=/mnt
else
    mount --bind "$root" "$root"
fi
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for name in null zero full random urandom tty net/tun; do
    mkdir -p "$(dirname "$root/dev/$name")"
    touch "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
hostname machine
mkdir -p "$root/run/sshd"
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    chroot "$root" /usr/sbin/sshd -D -e -o UseDNS=no
