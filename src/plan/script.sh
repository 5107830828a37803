# Both halves of the script use these functions. $work is a directory of the script's own, $root is
# where the container's root file system lies on this side.

# The other half may go on; $2 goes with the word.
post() {
	echo "$1 ${2-}" >&8
}

# Waits for the word $1 of the other half; what goes with it is then in $number.
await() {
	if ! read -r word number <&7 || [ "$word" != "$1" ]; then
		echo "the other half ended before it was '$1'" >&2
		exit 1
	fi
}

# Where path $1 of the container lies on this side. Links are followed as the container would
# follow them, so that none leads out of it: openat2(2) with RESOLVE_IN_ROOT does this.
beneath() (
	left=$1 at='' links=0
	while [ "$left" ]; do
		part=${left%%/*}
		left=${left#"$part"}
		left=${left#/}
		case $part in
		'' | .) continue ;;
		..) at=${at%/*} && continue ;;
		esac
		if [ ! -L "$root$at/$part" ]; then
			at=$at/$part
			continue
		fi
		[ $((links += 1)) -le 40 ] || exit 1
		part=$(readlink "$root$at/$part")
		left=$part/$left
		case $part in /*) at='' ;; esac
	done
	printf '%s\n' "$root$at"
)

# The same for something that is mounted there, and made if it is not there: a directory or an
# empty file, like $1 is.
place() {
	to=$(beneath "$2") || return
	like "$1" "$to"
	printf '%s\n' "$to"
}

# Makes $2, unless it is there: a directory or an empty file, like $1 is.
like() {
	if [ -d "$1" ]; then
		mkdir -p "$2"
	elif [ ! -e "$2" ]; then
		mkdir -p "${2%/*}"
		: >"$2"
	fi
}

# An option that gives a new file system the permissions of the directory it hides, if there is one.
mode_of() {
	to=$(beneath "$1")
	if [ -d "$to" ]; then stat --format mode=%a "$to"; else echo rw; fi
}

# device PATH OWNER MODE TYPE [MAJOR MINOR]
device() {
	to=$(beneath "${1%/*}")/${1##*/}
	owner=$2 mode=$3
	shift 3
	mkdir -p "${to%/*}"
	[ -e "$to" ] || mknod "$to" "$@"
	chown "$owner" "$to"
	chmod "$mode" "$to"
}

# link TEXT PATH
link() {
	to=$(beneath "${2%/*}")/${2##*/}
	mkdir -p "${to%/*}"
	[ -e "$to" ] || [ -L "$to" ] || ln -s "$1" "$to"
}

# Hides a path of the container, if it is there: a directory by an empty one, a file by /dev/null.
hide() {
	to=$(beneath "$1")
	if [ -d "$to" ]; then
		mount --bind "$work/empty" "$to"
	elif [ -e "$to" ]; then
		mount --bind "$work/null" "$to"
	fi
}

# Makes a path of the container read-only, if it is there.
read_only() {
	to=$(beneath "$1")
	[ -e "$to" ] || return 0
	mount --rbind "$to" "$to"
	mount -o remount,bind,ro "$to"
}

# An older mount(8) does not know X-mount.idmap, and keeps quiet about it.
check_idmap() {
	case $(findmnt --noheadings --output VFS-OPTIONS "$1" | tail -n 1) in
	*idmapped*) ;;
	*) echo "$1: mapping its owners takes mount(8) of util-linux 2.39 or newer" >&2 && exit 1 ;;
	esac
}

# Makes a control group, which is removed at the end.
group() {
	[ ! -d "$1" ] || return 0
	group "${1%/*}"
	mkdir "$1"
	echo "$1" >>"$work/groups"
}

# inherit GROUP FILE: where it is empty, the file gets what the group above has.
inherit() {
	[ -z "$(cat "$1/$2")" ] || return 0
	inherit "${1%/*}" "$2"
	cat "${1%/*}/$2" >"$1/$2"
}

# A process that does nothing, in $holder, until the end of the script.
hold() {
	"$@" sleep infinity </dev/null >/dev/null 2>&1 &
	holder=$!
	echo "$holder" >>"$work/holders"
}

# Waits until $holder is in the group $1.
await_group() {
	until grep -q ":$1\$" "/proc/$holder/cgroup"; do sleep 0.01; done
}

# users UID_MAP GID_MAP [deny]: a process that holds a new user namespace open, in $holder. Maps are
# written once, from outside, before anybody needs them.
users() {
	hold unshare --user
	until [ "$(readlink "/proc/$holder/ns/user")" != "$(readlink /proc/self/ns/user)" ]; do
		sleep 0.01
	done
	[ -z "${3-}" ] || echo "$3" >"/proc/$holder/setgroups"
	echo "$1" >"/proc/$holder/uid_map"
	echo "$2" >"/proc/$holder/gid_map"
}

# Interface $1 goes into the container, as $2, with its addresses.
interface() {
	ip -oneline address show dev "$1" scope global >"$work/addresses"
	ip link set dev "$1" netns "$pid" name "$2"
	nsenter --net --target "$pid" ip link set dev "$2" up
	while read -r _ _ _ address _; do
		nsenter --net --target "$pid" ip address add "$address" dev "$2"
	done <"$work/addresses"
}

# Makes $root the container's root. The tools lie in the old root, so a process of the host does it
# to the container's: pivot_root(2) moves every process whose root was the old one. The old root
# ends on top of the new one, and is taken off by a process that has kept the host's root.
pivot() {
	nsenter --mount --target "$pid" --wdns="$root" pivot_root . .
	nsenter --mount --target "$pid" --root=/ \
		umount --lazy --no-canonicalize "/proc/$pid/root/."
}

# Leaves nothing behind.
clean() {
	status=$?
	trap - EXIT
	[ -z "${child-}" ] || kill -KILL "$child" 2>/dev/null || :
	[ -z "${pid-}" ] || kill -KILL "$pid" 2>/dev/null || :
	while read -r holder; do
		kill "$holder" 2>/dev/null || :
	done <"$work/holders"
	wait || :
	tac "$work/groups" | while read -r group; do
		for _ in 1 2 3 4 5; do
			if rmdir "$group" 2>/dev/null; then break; fi
			sleep 0.1
		done
	done
	rm -f "$work"/* 2>/dev/null || :
	rmdir "$work"/* "$work" 2>/dev/null || rm -f "$work"/*
	exit "$status"
}
