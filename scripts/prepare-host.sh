#!/bin/sh
# Prepares a Linux machine for measuring: says what stands in the way, and with
# --apply changes what can be changed without stopping anything.
#
#   scripts/prepare-host.sh              says what it would do, changes nothing (--dry-run)
#   scripts/prepare-host.sh --apply      does it; needs root
#   scripts/prepare-host.sh --undo       prints, as commands, how to put back what is set now
#
# --root=DIR reads and writes the /proc and /sys below DIR, to try it on a copy.
#
# What it changes, until the next boot:
#   - CPU frequency governor of every core: performance
#   - turbo: off, so that the frequency does not depend on the neighbours' load
# What it only names, because it would stop or break something of yours:
#   - processes that use the CPU now, swap in use, a slow clock source, few local
#     ports, limits of the cgroup, a virtual machine, and a cgroup in which no
#     group may be made
#
# Exit: 0 nothing left to do, or all done; 1 something failed; 2 usage;
# 4 there is something to do, and nothing was changed.
set -eu

apply=no
undo=no
root=
for arg in "$@"; do
	case $arg in
	--apply) apply=yes ;;
	--dry-run) apply=no ;;
	--undo) undo=yes ;;
	--root=*) root=${arg#--root=} ;;
	-h | --help)
		sed -n '2,/^set -eu/s/^# \{0,1\}//p' "$0"
		exit 0
		;;
	*)
		echo "prepare-host: unknown argument $arg (--dry-run, --apply, --undo, --root=DIR)" >&2
		exit 2
		;;
	esac
done

if [ -z "$root" ] && [ "$(uname -s)" != Linux ]; then
	echo "prepare-host: only Linux can be prepared by this script" >&2
	exit 1
fi

todo=0
failed=0

# set_to FILE VALUE WHY: writes VALUE into FILE if something else is in it.
set_to() {
	now=$(cat "$1")
	if [ "$undo" = yes ]; then
		printf "echo '%s' > %s\n" "$now" "$1"
		return
	fi
	if [ "$now" = "$2" ]; then
		return
	fi
	if [ "$apply" = no ]; then
		printf 'would set  %s: %s -> %s (%s)\n' "$1" "$now" "$2" "$3"
		todo=$((todo + 1))
		return
	fi
	if printf '%s\n' "$2" 2>/dev/null >"$1" && [ "$(cat "$1")" = "$2" ]; then
		printf 'set        %s: %s -> %s\n' "$1" "$now" "$2"
	else
		printf 'failed     %s: is still %s (root is needed)\n' "$1" "$(cat "$1")" >&2
		failed=$((failed + 1))
	fi
}

# say NAME TEXT: something that a person has to decide.
say() {
	if [ "$undo" = no ]; then
		printf 'look at    %s: %s\n' "$1" "$2"
	fi
}

governors() {
	found=no
	for file in "$root"/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor; do
		[ -f "$file" ] || continue
		found=yes
		offered=${file%/*}/scaling_available_governors
		if [ -f "$offered" ] && ! grep -qw performance "$offered"; then
			say governor "$file does not offer performance"
			continue
		fi
		set_to "$file" performance "the frequency must not follow the load"
	done
	if [ "$found" = no ]; then
		say governor "this machine does not show its cores' frequency, as most virtual machines"
	fi
}

turbo() {
	intel=$root/sys/devices/system/cpu/intel_pstate/no_turbo
	boost=$root/sys/devices/system/cpu/cpufreq/boost
	if [ -f "$intel" ]; then
		set_to "$intel" 1 "turbo depends on temperature and on the other cores"
	elif [ -f "$boost" ]; then
		set_to "$boost" 0 "turbo depends on temperature and on the other cores"
	fi
}

ports() {
	file=$root/proc/sys/net/ipv4/ip_local_port_range
	[ -f "$file" ] || return 0
	range=$(tr '\t' ' ' <"$file")
	if [ $((${range##* } - ${range%% *})) -lt 20000 ]; then
		say ports "only $range for outgoing connections; each is in use for a minute after its connection (ip_local_port_range)"
	fi
}

clock() {
	file=$root/sys/devices/system/clocksource/clocksource0/current_clocksource
	[ -f "$file" ] || return 0
	case $(cat "$file") in
	tsc | kvm-clock | hyperv_clocksource_tsc_page | arch_sys_counter) ;;
	*) say clock "$(cat "$file") may need a system call per reading; offered: $(cat "${file%/*}/available_clocksource")" ;;
	esac
}

swap() {
	used=$(awk '$1 == "SwapTotal:" { t = $2 } $1 == "SwapFree:" { f = $2 } END { print t - f }' "$root/proc/meminfo")
	if [ "$used" -gt 0 ]; then
		say swap "$used kB are in swap; with enough free memory, swapoff -a and swapon -a bring them back"
	fi
}

virtual() {
	if grep -qw hypervisor "$root/proc/cpuinfo"; then
		say hypervisor "this is a virtual machine: what its neighbours take shows as steal time in the result"
	fi
}

# The command named here gives the run a group of its own in which it may make
# one for each role.
groups() {
	own=$(sed -n 's/^0:://p' "$root/proc/self/cgroup")
	mount=$(awk '{ for (i = 7; i <= NF; i++) if ($i == "-" && $(i + 1) == "cgroup2") { print $5; exit } }' "$root/proc/self/mountinfo")
	if [ -z "$mount" ] || [ -z "$own" ]; then
		say cgroups "cgroup v2 is not mounted; CPU is read process by process"
	elif [ ! -w "$root$mount$own/cgroup.procs" ]; then
		say cgroups "no group may be made here; start the run with: systemd-run --user --scope -p Delegate=yes ancmbench run"
	fi
	dir=$mount$own
	while [ -n "$mount" ] && [ "${dir#"$mount"}" != "$dir" ]; do
		if [ -f "$root$dir/cpu.max" ] && ! grep -q '^max' "$root$dir/cpu.max"; then
			say "cpu limit" "$dir allows $(cat "$root$dir/cpu.max") (quota and period in microseconds)"
		fi
		[ "$dir" != "$mount" ] || break
		dir=${dir%/*}
	done
}

# Names the processes that used 5 % of a core or more within one second. Field
# 14 and 15 of stat are ticks of 10 ms; the name before them may hold anything.
others() {
	if [ -n "$root" ] || [ "$undo" = yes ]; then
		return 0
	fi
	{
		cat /proc/[0-9]*/stat 2>/dev/null || true
		echo second
		sleep 1
		cat /proc/[0-9]*/stat 2>/dev/null || true
	} | awk '
		$0 == "second" { second = 1; next }
		{
			pid = $1
			name = $0
			sub(/^[0-9]+ \(/, "", name)
			sub(/\) [^)]*$/, "", name)
			rest = $0
			sub(/^.*\) /, "", rest)
			split(rest, field, " ")
			ticks = field[12] + field[13]
			if (!second) before[pid] = ticks
			else if (pid in before && ticks - before[pid] >= 5)
				printf "%d%% of a core: %s (process %d)\n", ticks - before[pid], name, pid
		}' | while read -r line; do say others "$line"; done
}

governors
turbo
ports
clock
swap
virtual
groups
others

if [ "$undo" = yes ]; then
	exit 0
fi
if [ "$failed" -gt 0 ]; then
	exit 1
fi
if [ "$todo" -gt 0 ]; then
	echo "nothing was changed; $todo to do with --apply, and --undo prints how to go back (keep its output first)"
	exit 4
fi
